# A room is one folder of src/ and one static library. It sees the headers of the rooms to its left and of no other:
# each room's headers are reached through a folder of its own that holds nothing but a link to that room.
set(VESTIBULE_ROOMS base json jose scim policy store directory jit outbound feed http app)

# vestibule_room(NAME [LIBRARIES lib...] [PRECOMPILE header...])
function(vestibule_room name)
  cmake_parse_arguments(ROOM "" "" "LIBRARIES;PRECOMPILE" ${ARGN})
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/rooms/${name})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/${name} ${CMAKE_BINARY_DIR}/rooms/${name}/${name} SYMBOLIC)

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  if(NOT sources)
    message(WARNING "room ${name} is empty")
    file(WRITE ${CMAKE_BINARY_DIR}/rooms/${name}_empty.cc "")
    set(sources ${CMAKE_BINARY_DIR}/rooms/${name}_empty.cc)
  endif()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${CMAKE_BINARY_DIR}/rooms/${name})
  target_precompile_headers(${name} PRIVATE <algorithm> <map> <memory> <optional> <string> <string_view> <unordered_map>
                            <utility> <variant> <vector> <tl/expected.hpp> ${ROOM_PRECOMPILE})
  target_link_libraries(${name} PRIVATE vestibule_options PUBLIC Threads::Threads ${ROOM_LIBRARIES})
  foreach(left IN LISTS VESTIBULE_ROOMS)
    if(left STREQUAL name)
      break()
    endif()
    target_link_libraries(${name} PUBLIC ${left})
  endforeach()
endfunction()
