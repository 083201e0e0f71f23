# Finds LibTorch by its headers and libraries alone, so that every build of it serves: the pip
# wheel, the zip, CPU or CUDA, whether or not a CUDA toolkit is installed.
#
# LIBTORCH_ROOT (a CMake or environment variable) names its folder and nothing else is then looked
# at. Otherwise Torch_DIR and CMAKE_PREFIX_PATH (either kind of variable too), .deps/ and the
# system are searched in this order.
# Defines LibTorch::LibTorch, LibTorch_VERSION, LibTorch_HAS_CUDA and LibTorch_OPENMP_LIBRARY: the
# OpenMP runtime that it brings along, if any.

set(_libtorch_roots "")
if(NOT LIBTORCH_ROOT AND DEFINED ENV{LIBTORCH_ROOT})
  set(LIBTORCH_ROOT "$ENV{LIBTORCH_ROOT}")
endif()
if(LIBTORCH_ROOT)
  set(_libtorch_roots "${LIBTORCH_ROOT}")
else()
  foreach(_folder IN ITEMS "${Torch_DIR}" "$ENV{Torch_DIR}")
    if(_folder)
      list(APPEND _libtorch_roots "${_folder}/../../..")
    endif()
  endforeach()
  string(REPLACE ":" ";" _libtorch_prefixes "$ENV{CMAKE_PREFIX_PATH}")
  foreach(_folder IN LISTS CMAKE_PREFIX_PATH _libtorch_prefixes)
    # The last is what torch.utils.cmake_prefix_path points at.
    list(APPEND _libtorch_roots "${_folder}" "${_folder}/torch" "${_folder}/../..")
  endforeach()
  file(GLOB _libtorch_wheels "${PROJECT_SOURCE_DIR}/.deps/venv/lib/python3*/site-packages/torch")
  list(APPEND _libtorch_roots "${PROJECT_SOURCE_DIR}/.deps/libtorch" ${_libtorch_wheels})
endif()

find_library(LibTorch_LIBRARY torch PATHS ${_libtorch_roots} PATH_SUFFIXES lib NO_DEFAULT_PATH)
if(NOT LIBTORCH_ROOT)
  find_library(LibTorch_LIBRARY torch)
endif()

# Everything else must belong to the same LibTorch, so it is looked for beside the first library.
get_filename_component(_libtorch_lib_dir "${LibTorch_LIBRARY}" DIRECTORY)
find_path(LibTorch_INCLUDE_DIR torch/csrc/api/include/torch/torch.h
          PATHS "${_libtorch_lib_dir}/../include" "${_libtorch_lib_dir}/../../include"
          NO_DEFAULT_PATH)
foreach(_library CPU:torch_cpu C10:c10 CUDA:torch_cuda C10_CUDA:c10_cuda)
  string(REPLACE ":" ";" _library "${_library}")
  list(GET _library 0 _name)
  list(GET _library 1 _file)
  find_library(LibTorch_${_name}_LIBRARY ${_file} PATHS "${_libtorch_lib_dir}" NO_DEFAULT_PATH)
  mark_as_advanced(LibTorch_${_name}_LIBRARY)
endforeach()
mark_as_advanced(LibTorch_LIBRARY LibTorch_INCLUDE_DIR)

# Older releases keep the version in the second file.
set(LibTorch_VERSION "")
foreach(_header torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
  if(NOT LibTorch_VERSION AND EXISTS "${LibTorch_INCLUDE_DIR}/${_header}")
    foreach(_part MAJOR MINOR PATCH)
      file(STRINGS "${LibTorch_INCLUDE_DIR}/${_header}" _line
           REGEX "define TORCH_VERSION_${_part} [0-9]")
      if(_line MATCHES "([0-9]+)$")
        list(APPEND LibTorch_VERSION "${CMAKE_MATCH_1}")
      endif()
    endforeach()
  endif()
endforeach()
string(REPLACE ";" "." LibTorch_VERSION "${LibTorch_VERSION}")

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_LIBRARY LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "run scripts/setup, or name your own with -DLIBTORCH_ROOT=DIR")

if(LibTorch_CUDA_LIBRARY)
  set(LibTorch_HAS_CUDA TRUE)
else()
  set(LibTorch_HAS_CUDA FALSE)
endif()

file(GLOB LibTorch_OPENMP_LIBRARY "${_libtorch_lib_dir}/libgomp*.so*")

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
    "${LibTorch_INCLUDE_DIR}" "${LibTorch_INCLUDE_DIR}/torch/csrc/api/include")
  set(_libtorch_libraries ${LibTorch_LIBRARY} ${LibTorch_CPU_LIBRARY} ${LibTorch_C10_LIBRARY})
  if(LibTorch_HAS_CUDA)
    list(APPEND _libtorch_libraries ${LibTorch_CUDA_LIBRARY} ${LibTorch_C10_CUDA_LIBRARY})
    # The wheel's CUDA libraries lie in packages beside it, which the linker need not know.
    target_link_options(LibTorch::LibTorch INTERFACE -Wl,--allow-shlib-undefined)
  endif()
  # Registering a device's kernels happens in library constructors, which --as-needed would drop.
  # The C++ library comes first: some wheels export parts of std::filesystem that crash, and what is
  # loaded first is what everybody calls.
  target_link_libraries(LibTorch::LibTorch INTERFACE
    -Wl,--no-as-needed stdc++ ${_libtorch_libraries} -Wl,--as-needed ${LibTorch_OPENMP_LIBRARY}
    "-Wl,-rpath,${_libtorch_lib_dir}")
endif()
