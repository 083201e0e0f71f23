# Helpers that every folder uses, so that its CMakeLists.txt names only its sources and its needs.

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")

# What scripts/build builds; each program adds itself.
add_custom_target(programs)

add_library(vqalign_flags INTERFACE)
target_compile_features(vqalign_flags INTERFACE cxx_std_20)
# Members that designated initializers leave out have their defaults. GCC 12 warns falsely about what
# std::string copies (GCC bug 105651 and its like).
target_compile_options(vqalign_flags INTERFACE -Wall -Wextra -Wno-missing-field-initializers
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:
    -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow>)
if(VQALIGN_SANITIZE)
  # Instrumented code takes GCC several times as long to optimise further than this.
  target_compile_options(vqalign_flags INTERFACE -fsanitize=${VQALIGN_SANITIZE}
                                                 -fno-omit-frame-pointer -O1)
  target_link_options(vqalign_flags INTERFACE -fsanitize=${VQALIGN_SANITIZE})
endif()
if(VQALIGN_FUZZ)
  # Undefined behaviour is a finding; RapidJSON's own, arithmetic on null pointers, is not ours.
  target_compile_options(vqalign_flags INTERFACE -fno-sanitize-recover=undefined
                                                 -fno-sanitize=pointer-overflow)
endif()

# vqalign_library(NAME SOURCES a.cpp ... HEADERS a.h ... LINK vqalign::core ... PRIVATE ... [TORCH])
# A static library `vqalign_NAME`, alias `vqalign::NAME`. TORCH compiles it against LibTorch with the
# one precompiled header.
function(vqalign_library name)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;HEADERS;LINK;PRIVATE" ${ARGN})
  set(target vqalign_${name})
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(vqalign::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}"
                                  FILES ${ARG_HEADERS})
  target_link_libraries(${target} PUBLIC ${ARG_LINK}
                        PRIVATE $<BUILD_INTERFACE:vqalign_flags> ${ARG_PRIVATE})
  target_compile_features(${target} PUBLIC cxx_std_20)
  if(ARG_TORCH)
    vqalign_use_torch(${target} PUBLIC)
  endif()
  set_property(GLOBAL APPEND PROPERTY VQALIGN_LIBRARIES ${target})
endfunction()

# Links LibTorch and reuses the precompiled header, which costs half a minute once instead of per file.
function(vqalign_use_torch target scope)
  target_link_libraries(${target} ${scope} LibTorch::LibTorch)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:OpenMP::OpenMP_CXX>)
  if(NOT target STREQUAL "vqalign_torch_pch")
    target_precompile_headers(${target} REUSE_FROM vqalign_torch_pch)
    target_compile_options(${target} PRIVATE -Winvalid-pch)
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  endif()
endfunction()

# vqalign_plain(a.cpp ...)
# Sources of torch targets that include nothing of LibTorch: without the precompiled header they
# compile several times faster.
function(vqalign_plain)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endfunction()

# vqalign_test(NAME SOURCES a_test.cpp ... LINK vqalign::core ... [TORCH] [LABELS slow ...])
# A GoogleTest program `NAME_test` whose cases are ctest tests of their own. Extra ARGS go to ctest.
function(vqalign_test name)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;LINK;LABELS" ${ARGN})
  set(target ${name}_test)
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE ${ARG_LINK} vqalign_flags GTest::gtest_main)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_compile_definitions(${target} PRIVATE
    VQALIGN_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
    VQALIGN_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    VQALIGN_BINARY_DIR="${PROJECT_BINARY_DIR}")
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  if(ARG_TORCH)
    vqalign_use_torch(${target} PRIVATE)
  endif()
  add_test(NAME ${name} COMMAND ${target})
  set_tests_properties(${name} PROPERTIES
    LABELS "${ARG_LABELS}"
    ENVIRONMENT "QT_QPA_PLATFORM=offscreen;OMP_WAIT_POLICY=passive;XDG_CACHE_HOME=${PROJECT_BINARY_DIR}/cache"
    TIMEOUT 1800)
endfunction()

# vqalign_fuzz_target(NAME LIBRARY SEEDS DIR ... [PLAIN])
# A program `fuzz_NAME` of tests/fuzz/NAME.cpp. With VQALIGN_FUZZ libFuzzer drives it; otherwise it is
# a test that goes through the seeds and through what fuzzing found. PLAIN: no LibTorch.
function(vqalign_fuzz_target name library)
  cmake_parse_arguments(ARG "PLAIN" "" "SEEDS" ${ARGN})
  set(target fuzz_${name})
  add_executable(${target} ${name}.cpp)
  target_link_libraries(${target} PRIVATE ${library} vqalign_flags)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/fuzz")
  if(NOT ARG_PLAIN)
    vqalign_use_torch(${target} PRIVATE)
  endif()
  if(VQALIGN_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${target} PRIVATE replay.cpp)
    set_source_files_properties(replay.cpp PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
    if(EXISTS "${PROJECT_SOURCE_DIR}/tests/fuzz/found/${name}")
      list(APPEND ARG_SEEDS "tests/fuzz/found/${name}")
    endif()
    list(TRANSFORM ARG_SEEDS PREPEND "${PROJECT_SOURCE_DIR}/")
    add_test(NAME ${target} COMMAND ${target} ${ARG_SEEDS})
  endif()
endfunction()
