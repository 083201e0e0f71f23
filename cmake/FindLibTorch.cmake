# Finds LibTorch by its headers and libraries alone, so that every build of it serves: the pip
# wheel, the zip, CPU or CUDA, whether or not a CUDA toolkit is installed.
#
# Looks in LIBTORCH_ROOT, Torch_DIR, CMAKE_PREFIX_PATH and then the project's own .deps/.
# Defines LibTorch::LibTorch, LibTorch_VERSION and LibTorch_HAS_CUDA.

set(_libtorch_hints ${LIBTORCH_ROOT} $ENV{LIBTORCH_ROOT})
if(Torch_DIR)
  list(APPEND _libtorch_hints "${Torch_DIR}/../../..")
endif()
file(GLOB _libtorch_wheels
     "${PROJECT_SOURCE_DIR}/.deps/venv/lib/python3*/site-packages/torch")
foreach(_prefix IN LISTS CMAKE_PREFIX_PATH)
  list(APPEND _libtorch_hints "${_prefix}" "${_prefix}/torch")
endforeach()
list(APPEND _libtorch_hints "${PROJECT_SOURCE_DIR}/.deps/libtorch" ${_libtorch_wheels})

find_path(LibTorch_INCLUDE_DIR torch/csrc/api/include/torch/torch.h
          HINTS ${_libtorch_hints} PATH_SUFFIXES include)
find_library(LibTorch_LIBRARY torch HINTS ${_libtorch_hints} PATH_SUFFIXES lib)
find_library(LibTorch_CPU_LIBRARY torch_cpu HINTS ${_libtorch_hints} PATH_SUFFIXES lib)
find_library(LibTorch_C10_LIBRARY c10 HINTS ${_libtorch_hints} PATH_SUFFIXES lib)
find_library(LibTorch_CUDA_LIBRARY torch_cuda HINTS ${_libtorch_hints} PATH_SUFFIXES lib)
find_library(LibTorch_C10_CUDA_LIBRARY c10_cuda HINTS ${_libtorch_hints} PATH_SUFFIXES lib)

if(LibTorch_INCLUDE_DIR AND EXISTS "${LibTorch_INCLUDE_DIR}/torch/csrc/api/include/torch/version.h")
  file(STRINGS "${LibTorch_INCLUDE_DIR}/torch/csrc/api/include/torch/version.h" _version_line
       REGEX "define TORCH_VERSION \"")
  if(_version_line MATCHES "\"([0-9.]+)")
    set(LibTorch_VERSION "${CMAKE_MATCH_1}")
  endif()
endif()

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

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
    "${LibTorch_INCLUDE_DIR}" "${LibTorch_INCLUDE_DIR}/torch/csrc/api/include")
  set(_libtorch_libraries ${LibTorch_LIBRARY} ${LibTorch_CPU_LIBRARY} ${LibTorch_C10_LIBRARY})
  if(LibTorch_HAS_CUDA)
    list(APPEND _libtorch_libraries ${LibTorch_CUDA_LIBRARY} ${LibTorch_C10_CUDA_LIBRARY})
  endif()
  get_filename_component(_libtorch_lib_dir "${LibTorch_LIBRARY}" DIRECTORY)
  # Registering a device's kernels happens in library constructors, which --as-needed would drop.
  target_link_libraries(LibTorch::LibTorch INTERFACE
    -Wl,--no-as-needed ${_libtorch_libraries} -Wl,--as-needed "-Wl,-rpath,${_libtorch_lib_dir}")
endif()
mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_LIBRARY LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY
                 LibTorch_CUDA_LIBRARY LibTorch_C10_CUDA_LIBRARY)
