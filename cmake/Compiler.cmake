# Language, warnings, sanitizers, ccache.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Assertions stay on in every build but `release`: they are part of what a test run proves.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
if(VESTIBULE_SANITIZE)
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
endif()

find_program(VESTIBULE_CCACHE ccache)
if(VESTIBULE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers carry no time stamps that matter to us; without this ccache never hits behind them. Paths are taken relative, so that
  # another clone of the same sources hits too.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
      CCACHE_NOHASHDIR=1 ${VESTIBULE_CCACHE})
endif()

add_library(vestibule_options INTERFACE)
target_compile_options(vestibule_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor)
if(VESTIBULE_WERROR)
  target_compile_options(vestibule_options INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # These warn after inlining, and g++ 12 and 13 see overruns in plain std::string concatenation, depending on the length of a
  # literal (GCC bugs 105329, 105651): worth reading, not worth a build that breaks in a folder of another name.
  target_compile_options(vestibule_options INTERFACE -fpch-preprocess -Wno-error=array-bounds -Wno-error=restrict
                                                     -Wno-error=stringop-overflow -Wno-error=stringop-overread)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # With a time stamp a precompiled header differs each time it is built, and ccache never hits behind it.
  target_compile_options(vestibule_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()
if(VESTIBULE_SANITIZE)
  target_compile_options(vestibule_options INTERFACE -fsanitize=${VESTIBULE_SANITIZE} -fno-omit-frame-pointer
                                                     -fno-sanitize-recover=all)
  # The check of virtual tables needs type information that SOCI's libraries keep to themselves, and a descriptor, which a test
  # of the HTTP edge leaves to nobody.
  target_compile_options(vestibule_options INTERFACE $<$<IN_LIST:$<TARGET_PROPERTY:NAME>,store$<SEMICOLON>http>:-fno-sanitize=vptr>)
  target_link_options(vestibule_options INTERFACE -fsanitize=${VESTIBULE_SANITIZE})
endif()
