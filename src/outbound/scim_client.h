#pragma once
// The requests of a SCIM client (RFC 7644) to one service.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/value.h"
#include "outbound/remote.h"
#include "store/outbound_store.h"

namespace vestibule::outbound {

/// `/Users` or `/Groups`.
inline constexpr std::string_view kUsers = "/Users";
inline constexpr std::string_view kGroups = "/Groups";

/// What a look-up found.
struct Found {
  RemoteAnswer answer;            ///< of the request
  std::optional<std::string> id;  ///< of the one resource that has the value
  std::string fault;              ///< why what was found cannot be used; empty: it can
};

/// Speaks to the service. Not thread-safe.
class ScimClient {
 public:
  /// `base_url` without a slash at its end.
  ScimClient(std::string base_url, Transport transport)
      : base_url_(std::move(base_url)), transport_(std::move(transport)) {}

  /// The one resource whose attribute has this value in any case (§3.4.2.2). Services that pass
  /// over the filter answer with others: these do not count, and where nothing else came, `fault`
  /// says so.
  [[nodiscard]] Found find(std::string_view endpoint, std::string_view attribute,
                           const std::string& value);
  /// Makes a resource (§3.3). The id is in the body: idOf.
  [[nodiscard]] RemoteAnswer create(std::string_view endpoint, const json::Object& resource);
  [[nodiscard]] RemoteAnswer read(std::string_view endpoint, const std::string& id);
  /// Replaces it (§3.5.1).
  [[nodiscard]] RemoteAnswer replace(std::string_view endpoint, const std::string& id,
                                     json::Object resource);
  /// Changes it (§3.5.2).
  [[nodiscard]] RemoteAnswer patch(std::string_view endpoint, const std::string& id,
                                   json::Array operations);
  /// Deletes it (§3.6).
  [[nodiscard]] RemoteAnswer remove(std::string_view endpoint, const std::string& id);

 private:
  [[nodiscard]] std::string urlOf(std::string_view endpoint, const std::string& id) const;

  std::string base_url_;
  Transport transport_;
};

/// The `id` in an answer that holds a resource; nothing when there is none that could be kept: a
/// text of 1 to 255 characters.
[[nodiscard]] std::optional<std::string> idOf(const RemoteAnswer& answer);

/// The value in a filter, in its quotes (§3.4.2.2).
[[nodiscard]] std::string filterText(std::string_view attribute, std::string_view value);

/// The `scimType` of an error (§3.12); empty for none.
[[nodiscard]] std::string scimTypeOf(const RemoteAnswer& answer);

}  // namespace vestibule::outbound
