#pragma once
// The admin endpoints that every kind of settings documents has.

#include <string>

#include "directory/context.h"
#include "directory/settings_document.h"
#include "http/router.h"

namespace vestibule::http {

/// Where the documents of one kind are, and by which words.
struct SettingsPlace {
  std::string collection;  ///< path of all of them
  std::string parameter;   ///< what the name is called in the path of one of them
  std::string member;      ///< of the body that lists them
};

/// Adds GET of the collection, and of one document GET, PUT (creates or replaces), PATCH (RFC 7396)
/// and DELETE, with ETag and If-Match: for callers of the scope `admin` who are not bound to
/// domains.
void addSettingsRoutes(Router& router, const directory::Context& context,
                       const SettingsPlace& place, const directory::SettingsUseCases& settings);

}  // namespace vestibule::http
