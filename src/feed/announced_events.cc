#include "feed/announced_events.h"

namespace vestibule::feed {

json::Object announcedEvents() {
  json::Array uris;
  for (const char* name : {"create:notice", "create:full", "put:notice", "put:full", "patch:notice",
                           "patch:full", "delete", "activate", "deactivate"}) {
    uris.emplace_back(std::string("urn:ietf:params:scim:event:prov:") + name);
  }
  return {{"asyncRequest", "none"}, {"eventUris", std::move(uris)}};
}

}  // namespace vestibule::feed
