# CUDA kernels (*.cu): compiled wherever nvcc is, so that no change breaks them unseen, and linked
# into the programs where LibTorch has CUDA too. They see no torch header.

set(VQALIGN_CUDA AUTO CACHE STRING "Compile the CUDA kernels: AUTO (where nvcc is found), ON, OFF")
set_property(CACHE VQALIGN_CUDA PROPERTY STRINGS AUTO ON OFF)

set(VQALIGN_HAS_NVCC FALSE)
if(VQALIGN_CUDA STREQUAL "AUTO" OR VQALIGN_CUDA)
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    # PTX of the last serves the architectures to come.
    if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
      set(CMAKE_CUDA_ARCHITECTURES 80-real 90)
    endif()
    enable_language(CUDA)
    set(VQALIGN_HAS_NVCC TRUE)
  elseif(NOT VQALIGN_CUDA STREQUAL "AUTO")
    message(FATAL_ERROR "VQALIGN_CUDA is ${VQALIGN_CUDA}, but no nvcc that compiles was found: "
                        "name it with -DCMAKE_CUDA_COMPILER=FILE, or leave VQALIGN_CUDA at AUTO")
  endif()
endif()

set(VQALIGN_LINKS_CUDA FALSE)
if(VQALIGN_HAS_NVCC AND LibTorch_HAS_CUDA)
  find_package(CUDAToolkit REQUIRED)
  set(VQALIGN_LINKS_CUDA TRUE)
endif()

# vqalign_cuda_kernels(NAME TABLE table.cpp SOURCES a.cu ...)
# The kernels of library `vqalign_NAME`. `table.cpp`, one of its sources, is compiled with
# VQALIGN_CUDA_KERNELS where they are linked.
function(vqalign_cuda_kernels name)
  cmake_parse_arguments(ARG "" "TABLE" "SOURCES" ${ARGN})
  if(NOT VQALIGN_HAS_NVCC)
    return()
  endif()
  set(target vqalign_${name}_cuda)
  add_library(${target} OBJECT ${ARG_SOURCES})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON UNITY_BUILD OFF)
  # CMake knows of no nvcc as new as today's: -std is the only spelling that all pairs understand.
  # Philox (core/philox.h) is the CPU's own function, which constexpr makes one of the device too.
  target_compile_options(${target} PRIVATE -std=c++20 --expt-relaxed-constexpr --Werror all-warnings
                                           -Xcompiler=-Wall,-Wextra)
  if(VQALIGN_LINKS_CUDA)
    target_sources(vqalign_${name} PRIVATE $<TARGET_OBJECTS:${target}>)
    target_link_libraries(vqalign_${name} PRIVATE CUDA::cudart)
    set_source_files_properties(${ARG_TABLE} PROPERTIES
      SKIP_PRECOMPILE_HEADERS ON COMPILE_DEFINITIONS VQALIGN_CUDA_KERNELS)
  endif()
endfunction()
