# Writes OUTPUT from TEMPLATE with the commit of SOURCE: from git in a clone, in an archive from cmake/commit.txt, which `git archive`
# fills in (.gitattributes), else `unknown`. OUTPUT keeps its time when it does not change.
set(commit "")
if(EXISTS ${SOURCE}/.git)
  execute_process(COMMAND git -C ${SOURCE} describe --always --abbrev=40 --exclude=* --dirty=\ with\ changes
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
else()
  file(STRINGS ${SOURCE}/cmake/commit.txt commit LIMIT_COUNT 1)
endif()
if(NOT commit MATCHES "^[0-9a-f]+( with changes)?$")
  set(commit unknown)
endif()
file(READ ${TEMPLATE} text)
string(REPLACE "##COMMIT##" "${commit}" text "${text}")
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "${text}" @ONLY)
