#include "scim/schema/registry_builder.h"

namespace vestibule::scim {
namespace {

void checkFeature(std::string_view name, Fields& fields) {
  const json::Object* document = fields.object(name);
  if (document == nullptr) return fields.fail(name, "is missing");
  Fields feature(*document, fields.place().member(name));
  feature.boolean("supported");
  if (feature.error()) fields.adopt(*feature.error());
}

void checkAuthenticationSchemes(Fields& fields) {
  const json::Array* schemes = fields.array("authenticationSchemes");
  if (schemes == nullptr || schemes->empty()) {
    return fields.fail("authenticationSchemes", "must name a scheme");
  }
  const Place place = fields.place().member("authenticationSchemes");
  for (std::size_t i = 0; i < schemes->size(); ++i) {
    const json::Object* document = (*schemes)[i].object();
    if (document == nullptr) return fields.adopt(place.element(i).error("must be an object"));
    Fields scheme(*document, place.element(i));
    for (const std::string_view key : {"type", "name", "description"}) scheme.text(key);
    if (scheme.error()) return fields.adopt(*scheme.error());
  }
}

}  // namespace

Result<void> checkServiceProviderConfig(const json::Object& document, const Place& place) {
  Fields fields(document, place);
  for (const std::string_view name :
       {"patch", "bulk", "filter", "changePassword", "sort", "etag"}) {
    checkFeature(name, fields);
  }
  checkAuthenticationSchemes(fields);
  if (fields.error()) return tl::make_unexpected(*fields.error());
  return {};
}

}  // namespace vestibule::scim
