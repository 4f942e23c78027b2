#pragma once
// What the readers of the sections of an identity provider's settings share.

#include <optional>
#include <string>
#include <string_view>

#include "jit/claims.h"
#include "json/value.h"
#include "scim/schema/document_reader.h"

namespace vestibule::jit {

/// The members of an optional object, none when it is absent.
[[nodiscard]] const json::Object& objectOrNone(scim::Fields& fields, std::string_view key);

/// The claim that a setting names; nothing when it is absent or empty.
[[nodiscard]] std::optional<ClaimPath> optionalClaim(scim::Fields& fields, std::string_view key);

/// The claim that a setting must name; nothing only after a failure.
[[nodiscard]] std::optional<ClaimPath> requiredClaim(scim::Fields& fields, std::string_view key);

/// The name of the claim, empty for none.
[[nodiscard]] std::string textOf(const std::optional<ClaimPath>& claim);

/// Calls `read` with the fields and the object of an element of an array, which must be an object.
template <typename Read>
void readElement(scim::Fields& parent, const json::Value& element, const scim::Place& place,
                 Read&& read) {
  const json::Object* object = element.object();
  if (object == nullptr) {
    parent.adopt(place.error("must be an object"));
    return;
  }
  scim::Fields fields(*object, place);
  read(fields, *object);
  if (fields.error()) parent.adopt(*fields.error());
}

/// Calls `read` with the fields and the object of each element of the array `key`, which may be
/// absent and has at most `limit` elements, until one fails.
template <typename Read>
void readElements(scim::Fields& parent, std::string_view key, std::size_t limit, Read&& read) {
  const json::Array* elements = parent.array(key);
  if (elements == nullptr) return;
  if (elements->size() > limit) {
    parent.fail(key, "has more than " + std::to_string(limit) + " rows");
  }
  const scim::Place place = parent.place().member(key);
  for (std::size_t i = 0; i < elements->size() && !parent.error(); ++i) {
    readElement(parent, (*elements)[i], place.element(i), read);
  }
}

}  // namespace vestibule::jit
