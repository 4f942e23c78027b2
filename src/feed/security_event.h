#pragma once
// A change as a security event: the claims of a SET (RFC 8417) by the SCIM profile (RFC 9967).
// Pure: time and what is stored come in as arguments.

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "directory/event_stream.h"
#include "json/value.h"
#include "scim/schema/registry.h"
#include "store/delivery_store.h"

namespace vestibule::feed {

/// `typ` of a SET (RFC 8417 §2.3).
inline constexpr std::string_view kTokenType = "secevent+jwt";

/// What an event says beside what is stored of it.
struct EventFacts {
  std::string issuer;                        ///< `iss`
  Timestamp issued = 0;                      ///< `iat`
  const scim::ResourceType* type = nullptr;  ///< of the resource; null: no schema file has it now
  /// The resource as SCIM shows it now; nothing: it is not wanted, or is there no more.
  std::optional<json::Object> resource;
};

/// The id of an event as `jti` and `txn` have it: hexadecimal.
[[nodiscard]] std::string idText(std::string_view bytes);
/// The 16 bytes of such a text; nothing for any other.
[[nodiscard]] std::optional<std::string> idBytes(std::string_view text);

/// The claims of one event for one stream. Each kind of the change is a member of `events`. A
/// change is told in full (RFC 9967 §2.4) when the stream wants that and `facts` has the resource:
/// of POST and PUT the representation, of PATCH a PatchOp that brings the attributes which changed
/// to what they are now. Members of a group are those that the change listed: as all that it has,
/// or as who came and went. Else, and when members changed and are not listed, it is a notice with
/// the names of the attributes. Attributes that are never returned are in neither.
[[nodiscard]] json::Object securityEvent(const directory::EventStream& stream,
                                         const store::Delivery& delivery, const EventFacts& facts);

}  // namespace vestibule::feed
