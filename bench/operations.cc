#include "operations.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace vestibule::bench {
namespace {

constexpr std::array<std::string_view, 16> kNames = {
    "get_user",         "filter_username",   "create_user",   "patch_user",
    "add_member_large", "add_member_small",  "jit_known",     "jit_new",
    "bulk_create",      "filter_email",      "filter_prefix", "export",
    "login_id_token",   "forward_auth_warm", "queue_new",     "healthz"};

/// Larger than any number of users and prime: its multiples visit each of them once.
constexpr std::uint64_t kStride = 2'147'483'647;

std::uint64_t below(std::uint64_t limit, std::mt19937_64& random) { return random() % limit; }

}  // namespace

std::optional<Operation> operationOf(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Operation>(found - kNames.begin());
}

std::uint64_t tokenUser(const Layout& layout, std::uint64_t number) {
  return number * kStride % layout.firstChanging();
}

std::vector<std::string> operationNames() { return {kNames.begin(), kNames.end()}; }

Choice::Choice(const Layout& layout)
    : layout_(layout),
      next_label_(
          static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                         std::chrono::system_clock::now().time_since_epoch())
                                         .count())) {}

std::uint64_t Choice::steadyUser(std::mt19937_64& random) const {
  return below(layout_.firstChanging(), random);
}

std::uint64_t Choice::changingUser(std::mt19937_64& random) const {
  return layout_.firstChanging() + below(layout_.users - layout_.firstChanging(), random);
}

std::uint64_t Choice::anyUser(std::mt19937_64& random) const {
  return below(layout_.users, random);
}

std::string Choice::freshLabel() { return newLabel(next_label_++); }

std::optional<NewMember> Choice::newMember(Operation operation) {
  const std::uint64_t number = next_member_++;
  const std::uint64_t outside = layout_.users - layout_.largeMembers();
  if (number >= outside) return std::nullopt;
  NewMember member;
  member.user = layout_.largeMembers() + number * kStride % outside;
  if (operation == Operation::kAddMemberSmall) {
    member.group = layout_.firstSmallGroup() + number / kAddsPerGroup % layout_.smallGroups();
  }
  return member;
}

}  // namespace vestibule::bench
