// access.matrix as a string, generated when building.
#ifndef LADON_SERVER_ACCESS_MATRIX_TEXT_H_
#define LADON_SERVER_ACCESS_MATRIX_TEXT_H_

#include <string_view>

namespace ladon::access {

[[nodiscard]] std::string_view MatrixText();

}  // namespace ladon::access

#endif  // LADON_SERVER_ACCESS_MATRIX_TEXT_H_
