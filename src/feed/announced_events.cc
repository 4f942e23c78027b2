#include "feed/announced_events.h"

namespace vestibule::feed {

json::Object announcedEvents() {
  json::Array uris;
  for (const char* name : {"prov:create:notice", "prov:create:full", "prov:put:notice",
                           "prov:put:full", "prov:patch:notice", "prov:patch:full", "prov:delete",
                           "prov:activate", "prov:deactivate", "feed:add", "feed:remove"}) {
    uris.emplace_back(std::string("urn:ietf:params:scim:event:") + name);
  }
  return {{"asyncRequest", "none"}, {"eventUris", std::move(uris)}};
}

}  // namespace vestibule::feed
