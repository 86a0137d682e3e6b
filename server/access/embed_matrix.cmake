# Writes SOURCE, which defines the contents of TEXT as one string.
file(READ ${TEXT} text)
file(WRITE ${SOURCE} "#include \"server/access/matrix_text.h\"

namespace ladon::access {

std::string_view MatrixText() {
  return R\"matrix(${text})matrix\";
}

}  // namespace ladon::access
")
