# How every target of the project is made: one flag set, one helper per kind of target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

set(LADON_SANITIZE "" CACHE STRING "Sanitizers, comma separated (address,undefined or thread)")
option(LADON_DOMAIN_ONLY "Only matcher, ledger, storage and vault with their tests: no gRPC" OFF)

# Asserts stay on in every build type: a broken invariant must stop the process, not go on.
foreach(type RELEASE RELWITHDEBINFO)
  string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_${type} "${CMAKE_CXX_FLAGS_${type}}")
  string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_${type} "${CMAKE_C_FLAGS_${type}}")
endforeach()
# Line tables are enough for a stack trace and halve the link.
string(REPLACE "-g" "-g1" CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")

# Names of files in asserts and line tables are those of the checkout, wherever it lies and whether
# or not ccache made them relative: the same sources give the same bytes (deploy/package/reproduce).
file(RELATIVE_PATH LADON_UP ${CMAKE_BINARY_DIR} ${CMAKE_SOURCE_DIR})
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/= -ffile-prefix-map=${LADON_UP}=
                    -ffile-prefix-map=${CMAKE_BINARY_DIR}/=)

find_program(LADON_CCACHE ccache)
if(LADON_CCACHE)
  # The sloppiness is what ccache asks for with precompiled headers; paths relative to the checkout
  # let another checkout of the same sources find the same objects.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_NOHASHDIR=1
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${LADON_CCACHE})
endif()
# ccache asks for it, with precompiled headers. Without ccache too: the compiler writes its options
# into what a build id is made of.
add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>)
find_program(LADON_MOLD mold)
if(LADON_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-fstack-protector-strong -fno-omit-frame-pointer)
add_link_options(-Wl,-z,relro,-z,now)
if(LADON_SANITIZE)
  add_compile_options(-fsanitize=${LADON_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LADON_SANITIZE})
else()
  add_compile_definitions($<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
endif()

# Designated initialisers name what differs from the default; the rest is meant to be left out.
set(LADON_WARNINGS -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion
    -Wno-missing-field-initializers -Werror)

# The optimiser is half of a build; tests and tools do without it, what serves children does not.
set(LADON_QUICK_BUILD $<$<CONFIG:RelWithDebInfo>:-O0>)

# GoogleTest's headers cost every test program seconds: they are compiled once. (For gRPC's this does
# not pay: what they make every source instantiate costs more than reading them.)
function(ladon_precompiled_headers)
  set(source ${CMAKE_BINARY_DIR}/ladon_headers_test.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT "int main() {}  // Carries precompiled headers.\n")
  add_executable(ladon_headers_test ${source})  # As the tests are: -fPIE, not -fPIC.
  target_link_libraries(ladon_headers_test PRIVATE GTest::gmock absl::statusor)
  target_compile_options(ladon_headers_test PRIVATE ${LADON_QUICK_BUILD})
  target_precompile_headers(
    ladon_headers_test PRIVATE <gmock/gmock.h> <gtest/gtest.h> <algorithm> <array> <cstdint>
    <functional> <map> <memory> <optional> <span> <string> <string_view> <thread> <utility>
    <variant> <vector> <absl/status/statusor.h>)
endfunction()

# ladon_library(name SRCS a.cc ... DEPS target ... [QUICK_BUILD]): a static library. QUICK_BUILD: for
# code whose own speed nobody feels (tools that wait for people and servers).
function(ladon_library name)
  cmake_parse_arguments(ARG "QUICK_BUILD" "" "SRCS;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SRCS})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS})
  target_compile_options(${name} PRIVATE ${LADON_WARNINGS})
  if(ARG_QUICK_BUILD)
    target_compile_options(${name} PRIVATE ${LADON_QUICK_BUILD})
  endif()
endfunction()

# ladon_binary(name SRCS a.cc ... DEPS target ...): a program people run, put into build/<preset>/bin.
function(ladon_binary name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  target_compile_options(${name} PRIVATE ${LADON_WARNINGS})
  target_compile_definitions(${name} PRIVATE LADON_VERSION="${PROJECT_VERSION}")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# WIRE: the test sees gRPC headers, whose compile definitions do not fit the precompiled ones.
# ladon_test(name SRCS a_test.cc ... DEPS target ... [LABELS l ...]): one GoogleTest program, one ctest entry.
function(ladon_test name)
  cmake_parse_arguments(ARG "WIRE" "TIMEOUT" "SRCS;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  target_compile_options(${name} PRIVATE ${LADON_WARNINGS})
  target_compile_options(${name} PRIVATE ${LADON_QUICK_BUILD})
  if(NOT ARG_WIRE)
    target_precompile_headers(${name} REUSE_FROM ladon_headers_test)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()
