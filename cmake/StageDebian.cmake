# Run by cpack between installing and packing: what belongs into a Debian package and into no other installation.
set(root ${CPACK_TEMPORARY_DIRECTORY})
set(program ${root}/usr/bin/vestibule)
set(debian ${CPACK_VESTIBULE_SOURCE}/packaging/debian)

# Every default as a comment, so that those which the operator leaves alone follow the version. What the program says needs no
# configuration; an empty one keeps that of the building machine out.
set(empty ${root}/../empty.toml)
file(WRITE ${empty} "")
execute_process(COMMAND env -i ${program} config --config ${empty}
                OUTPUT_VARIABLE defaults COMMAND_ERROR_IS_FATAL ANY)
string(REGEX REPLACE "\n# ([a-z_]+ = )" "\n#\\1" defaults "${defaults}")
string(REGEX REPLACE "\n([a-z_]+ = )" "\n#\\1" defaults "${defaults}")
string(REPLACE "\n#data_dir = \"data\"" "\ndata_dir = \"/var/lib/vestibule\"" configured "${defaults}")
if(configured STREQUAL defaults)
  message(FATAL_ERROR "`vestibule config` has no data_dir = \"data\" any more: cmake/StageDebian.cmake has to follow")
endif()
file(READ ${debian}/vestibule.toml.head head)
file(WRITE ${root}/etc/vestibule/vestibule.toml "${head}${configured}")

file(COPY ${debian}/vestibule.service DESTINATION ${root}/lib/systemd/system)
set(doc ${root}/usr/share/doc/vestibule)
file(COPY ${debian}/copyright DESTINATION ${doc})
file(REMOVE ${doc}/LICENSE)
file(RENAME ${doc}/CHANGELOG.md ${doc}/changelog)
# Its time is that of the commit: SOURCE_DATE_EPOCH, which scripts/package sets.
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${doc}/changelog.Debian "vestibule (${CPACK_VESTIBULE_VERSION}) bookworm; urgency=medium

  * What has changed is in changelog.gz.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
foreach(text ${doc}/changelog ${doc}/changelog.Debian ${root}/usr/share/man/man1/vestibule.1)
  execute_process(COMMAND gzip -9n ${text} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
file(GLOB_RECURSE paths LIST_DIRECTORIES true ${root}/etc/* ${root}/lib/*)
foreach(path IN LISTS paths)
  if(IS_DIRECTORY ${path})
    file(CHMOD ${path} PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
  else()
    file(CHMOD ${path} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  endif()
endforeach()
