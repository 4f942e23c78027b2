# What `cmake --install` puts where. The program finds its files relative to itself (src/app/resources.cc), so that an installed
# tree may be moved, and holds no path of the machine that built it. In the build tree links stand where the files would.
include(GNUInstallDirs)

set(VESTIBULE_SHARED scim-schemas sql web)
foreach(folder IN LISTS VESTIBULE_SHARED)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/share/vestibule)
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${folder} ${CMAKE_BINARY_DIR}/share/vestibule/${folder} SYMBOLIC)
  install(DIRECTORY ${folder} DESTINATION share/vestibule)
endforeach()

install(TARGETS vestibule RUNTIME DESTINATION bin)
install(FILES docs/man/vestibule.1 DESTINATION share/man/man1)
install(FILES README.md CHANGELOG.md SECURITY.md LICENSE DESTINATION share/doc/vestibule)
install(DIRECTORY docs/ DESTINATION share/doc/vestibule/docs
        PATTERN examples EXCLUDE PATTERN gateways EXCLUDE PATTERN man EXCLUDE PATTERN source EXCLUDE PATTERN build.py EXCLUDE)
install(DIRECTORY docs/examples docs/gateways DESTINATION share/doc/vestibule)
install(DIRECTORY tests/golden/identity_providers DESTINATION share/doc/vestibule/examples)
