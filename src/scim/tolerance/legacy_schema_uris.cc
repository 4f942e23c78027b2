#include "scim/tolerance/legacy_schema_uris.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/unicode.h"

namespace vestibule::scim {
namespace {

constexpr std::array<std::string_view, 2> kCore = {"urn:scim:schemas:core:1.0",
                                                   "urn:scim:schemas:core:2.0"};
constexpr std::array<std::string_view, 2> kEnterprise = {
    "urn:scim:schemas:extension:enterprise:1.0", "urn:scim:schemas:extension:enterprise:2.0"};
constexpr std::string_view kEnterpriseUrn =
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// True for one of `drafts`, alone or followed by the name of the resource type.
bool isDraft(std::string_view uri, const std::array<std::string_view, 2>& drafts,
             std::string_view type_name) {
  return std::any_of(drafts.begin(), drafts.end(), [&](std::string_view draft) {
    return equalIgnoringAsciiCase(uri, draft) ||
           equalIgnoringAsciiCase(uri, std::string(draft) + ":" + std::string(type_name));
  });
}

}  // namespace

std::string_view currentSchemaUri(std::string_view uri, const ResourceType& type,
                                  Tolerating tolerating) {
  const Schema* meant = nullptr;
  if (isDraft(uri, kCore, type.name)) {
    meant = type.schema;
  } else if (isDraft(uri, kEnterprise, type.name)) {
    meant = type.findExtension(kEnterpriseUrn);
  }
  const bool accepted = meant != nullptr && tolerating.accepts(Tolerance::kLegacySchemaUris);
  return accepted ? std::string_view(meant->id) : uri;
}

}  // namespace vestibule::scim
