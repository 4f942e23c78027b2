#pragma once
// From how a resource is here, and what a target has been sent of it, to the requests that make
// both agree. Knows no database: what has to be remembered is in what it returns.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "json/value.h"
#include "outbound/remote.h"
#include "outbound/scim_client.h"
#include "outbound/target.h"
#include "store/outbound_store.h"

namespace vestibule::outbound {

/// What a resource needs.
enum class Step {
  kNothing,  ///< the target has it as it is, or has not got it and is not to
  kCreate,   ///< it is made there, or found and taken over
  kUpdate,   ///< it has changed, or is back
  kRemove,   ///< it has left
};

/// What has to be done. `digest` is of what is to be sent; empty: the target is not to have it.
[[nodiscard]] Step stepOf(const std::string& digest,
                          const std::optional<store::OutboundLink>& link);

/// The word that people read: `nothing`, `create`, `update`, `remove`.
[[nodiscard]] std::string_view nameOf(Step step);

/// The digest of what is sent.
[[nodiscard]] std::string digestOf(const json::Object& payload);

/// What came of it.
struct Delivery {
  Verdict verdict = Verdict::kDone;
  store::OutboundFault fault;  ///< unless kDone
  std::optional<std::chrono::seconds> retry_after;
  bool goes_on = false;  ///< with kRetry: it need not wait
  Step step = Step::kNothing;
  // With kDone, as OutboundEnd has them.
  std::optional<store::OutboundLink> link;
  bool forget_link = false;
};

/// Remembers that a remote resource, found or just made, is that of the one being delivered, before
/// anything of it is changed. Error kConflict when it is another's.
using Reserve = std::function<Result<void>(const std::string& remote_id)>;

/// Makes the target's user what `payload` says; nothing: the target is not to have it.
/// `link` is what is remembered. At most five requests.
[[nodiscard]] Delivery deliverUser(const Target& target, ScimClient& remote,
                                   const std::optional<json::Object>& payload,
                                   const std::optional<store::OutboundLink>& link,
                                   const Reserve& reserve);

/// The same for a group without its members. Where it leaves, it is deleted with OnRemoval::kDelete
/// and else stays as it is.
[[nodiscard]] Delivery deliverGroup(const Target& target, ScimClient& remote,
                                    const std::optional<json::Object>& payload,
                                    const std::optional<store::OutboundLink>& link,
                                    const Reserve& reserve);

/// Members that one request adds or removes at most.
inline constexpr std::size_t kMembersPerRequest = 100;

/// Tells the target these members of the group, in one PATCH each for those that come and those
/// that go (both at most kMembersPerRequest). A member that is to go and is none there any more is
/// no failure. A target that refuses all because of one such member is told of each by itself, as
/// long as `in_time` says so and at least of one: the others are taken out of `difference`.
[[nodiscard]] Delivery deliverMembers(ScimClient& remote, const std::string& remote_id,
                                      store::MemberDifference& difference,
                                      const std::function<bool()>& in_time);

}  // namespace vestibule::outbound
