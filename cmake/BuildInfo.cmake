# What `vestibule --version` says beside the version. The commit is looked up at each build and changes one small file, so that a new
# commit compiles no other; there is no date in it, so that the same sources make the same program.
set(build_info ${CMAKE_BINARY_DIR}/build_info)
file(MAKE_DIRECTORY ${build_info})

set(VESTIBULE_LIBRARIES "")
foreach(library "OpenSSL ${OPENSSL_VERSION}" "ICU ${ICU_VERSION}" "MariaDB Connector/C ${MARIADB_VERSION}"
        "PCRE2 ${PCRE2_VERSION}" "libcurl ${CURL_VERSION}" "Pistache ${PISTACHE_VERSION}" "libargon2 ${ARGON2_VERSION}"
        "jemalloc ${JEMALLOC_VERSION}" "spdlog ${spdlog_VERSION}" "fmt ${fmt_VERSION}" "Boost ${Boost_VERSION_STRING}")
  string(REGEX MATCH "^(.*) ([^ ]*)$" parts "${library}")
  string(APPEND VESTIBULE_LIBRARIES "${CMAKE_MATCH_1}: ${CMAKE_MATCH_2}\\n")
endforeach()
configure_file(${CMAKE_SOURCE_DIR}/cmake/build_info.cc.in ${build_info}/build_info.cc.of_commit @ONLY)

add_custom_target(vestibule_build_info
  COMMAND ${CMAKE_COMMAND} -D SOURCE=${CMAKE_SOURCE_DIR} -D TEMPLATE=${build_info}/build_info.cc.of_commit
          -D OUTPUT=${build_info}/build_info.cc -P ${CMAKE_SOURCE_DIR}/cmake/FindCommit.cmake
  BYPRODUCTS ${build_info}/build_info.cc VERBATIM)
target_sources(app PRIVATE ${build_info}/build_info.cc)
add_dependencies(app vestibule_build_info)
