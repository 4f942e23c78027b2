# The Debian package, which scripts/package makes: `cpack` in a build tree of the preset release.
set(VESTIBULE_MAINTAINER "Vestibule maintainers <maintainers@vestibule.invalid>" CACHE STRING "Who answers for the package")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME vestibule)
set(CPACK_PACKAGE_VENDOR Vestibule)
set(CPACK_PACKAGE_CONTACT ${VESTIBULE_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "SCIM 2.0 and just-in-time provisioning server")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "Vestibule decides, inside a login at an identity provider, whether, where
and as what a user exists locally, and stores them in MySQL or MariaDB, in a
private one of its own if there is no other. SCIM 2.0 clients read and manage
the same users and groups.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VESTIBULE_SOURCE ${CMAKE_SOURCE_DIR})
set(CPACK_VESTIBULE_VERSION ${PROJECT_VERSION}-1)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/cmake/StageDebian.cmake)
# Folders that this installation makes have these, whatever the umask of whoever builds it.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, init-system-helpers (>= 1.54~)")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "mariadb-server-core (>= 1:10.6), mariadb-client-core (>= 1:10.6), ca-certificates")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "mariadb-server (>= 1:10.6) | virtual-mysql-server")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "")
foreach(file postinst prerm postrm conffiles)
  list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/packaging/debian/${file})
endforeach()
include(CPack)
