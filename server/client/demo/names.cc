#include "server/client/demo/names.h"

#include <array>
#include <cassert>
#include <string>

namespace ladon::demo {
namespace {

constexpr std::array<const char*, 20> kBoys = {
    "Артём",  "Борис",  "Вадим", "Глеб",  "Данил", "Егор",  "Захар", "Иван",  "Кирилл", "Лев",
    "Матвей", "Никита", "Олег",  "Павел", "Роман", "Семён", "Тимур", "Фёдор", "Юрий",   "Яков"};
constexpr std::array<const char*, 20> kGirls = {
    "Алина", "Богдана", "Вера", "Галина", "Дарья",  "Ева",   "Жанна", "Зоя",    "Инна",   "Ксения",
    "Лидия", "Мария",   "Нина", "Ольга",  "Полина", "Раиса", "Софья", "Таисия", "Ульяна", "Яна"};
// Family names without the ending that tells boys from girls.
constexpr std::array<const char*, 14> kFamilies = {
    "Берёзов", "Ветров",  "Горнов", "Дубов",   "Ельников", "Журавлёв", "Калинов",
    "Лугов",   "Морозов", "Орлов",  "Полынов", "Речников", "Снегов",   "Травин"};
constexpr std::array<const char*, 6> kLetters = {"А", "Б", "В", "Г", "Д", "Е"};
constexpr size_t kGrades = 11;
constexpr size_t kClasses = kGrades * kLetters.size();
constexpr size_t kPlaces = kBoys.size() + kGirls.size();
static_assert(kClasses * kPlaces == kInventedChildrenMax);

}  // namespace

v1::SubjectName InventedName(size_t index) {
  assert(index < kInventedChildrenMax);
  const size_t class_index = index % kClasses;
  const size_t place = index / kClasses;
  // Within a class the places run through twenty boys and twenty girls, each once.
  const bool girl = (place + class_index) % 2 == 1;
  const size_t given = (place / 2 + 7 * class_index) % kBoys.size();
  v1::SubjectName name;
  name.set_given_name(girl ? kGirls[given] : kBoys[given]);
  name.set_family_name(std::string(kFamilies[(index * 5 + place) % kFamilies.size()]) +
                       (girl ? "а" : ""));
  name.set_class_name(std::to_string(1 + class_index % kGrades) + kLetters[class_index / kGrades]);
  return name;
}

}  // namespace ladon::demo
