#pragma once
// Message texts (RFC 7644 §3.1): lists and errors.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vestibule::scim {

inline constexpr std::string_view kListResponseSchema =
    "urn:ietf:params:scim:api:messages:2.0:ListResponse";
inline constexpr std::string_view kErrorSchema = "urn:ietf:params:scim:api:messages:2.0:Error";
inline constexpr std::string_view kPatchOpSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
inline constexpr std::string_view kBulkRequestSchema =
    "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
inline constexpr std::string_view kBulkResponseSchema =
    "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

inline constexpr std::string_view kSearchRequestSchema =
    "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// What a ListResponse says beside its resources.
struct ListHead {
  std::optional<std::uint64_t> total;        ///< left out only by cursor (RFC 9865 §2.1)
  std::optional<std::uint64_t> start_index;  ///< of a page by index
  std::string next_cursor;                   ///< empty: none
};

/// A ListResponse of resources that are rendered already (RFC 7644 §3.4.2). `Resources` is there
/// even when it is empty: some clients index into it.
[[nodiscard]] std::string listResponse(const ListHead& head,
                                       const std::vector<std::string>& resources);

/// An Error message (§3.12); `status` is a string there. `scim_type` may be empty.
[[nodiscard]] std::string errorBody(int status, std::string_view scim_type,
                                    std::string_view detail);

/// The `scimType` of a kind of error, empty for kinds that have none.
[[nodiscard]] std::string_view scimType(ErrorKind kind);

}  // namespace vestibule::scim
