#pragma once
// The operations by name, and the one way in which bound and load generator choose whom they touch.

#include <atomic>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "population.h"

namespace vestibule::bench {

enum class Operation : std::uint8_t {
  kGetUser,
  kFilterUsername,
  kCreateUser,
  kPatchUser,
  kAddMemberLarge,
  kAddMemberSmall,
  kJitKnown,
  kJitNew,
  kBulkCreate,
  kFilterEmail,
  kFilterPrefix,
  kExport,
  kLoginIdToken,
  kForwardAuthWarm,
  kQueueNew,  ///< as kJitNew, but the answer is that it is queued
  kHealthz,   ///< the bound of kForwardAuthWarm
};

/// How many users one bulk request creates.
inline constexpr unsigned kBulkUsers = 1'000;
/// How many users one page of an export holds: what the server gives at most by default.
inline constexpr unsigned kExportUsers = 200;

/// How many users sign in by ID token: a token takes a millisecond to sign, so that each is signed
/// before the measurement.
inline constexpr std::uint64_t kTokenUsers = 2'000;
/// How many of them come through the proxy whose answers are warm: each is asked about in the
/// warm-up.
inline constexpr std::uint64_t kWarmUsers = 500;
/// The one of this number, from 0: somewhere among the loaded users whom nobody changes.
[[nodiscard]] std::uint64_t tokenUser(const Layout& layout, std::uint64_t number);

/// Nothing for an unknown name.
[[nodiscard]] std::optional<Operation> operationOf(std::string_view name);
/// All names, in the order of the enumeration.
[[nodiscard]] std::vector<std::string> operationNames();

/// A group and a user who is not in it yet.
struct NewMember {
  std::uint64_t group = 0;
  std::uint64_t user = 0;
};

/// Chooses whom the next operation touches. Bound and load generator use the same sequence.
/// Thread-safe.
class Choice {
 public:
  explicit Choice(const Layout& layout);

  /// A loaded user whom nobody changes.
  [[nodiscard]] std::uint64_t steadyUser(std::mt19937_64& random) const;
  /// A loaded user who may be changed.
  [[nodiscard]] std::uint64_t changingUser(std::mt19937_64& random) const;
  /// Any loaded user.
  [[nodiscard]] std::uint64_t anyUser(std::mt19937_64& random) const;
  /// A label that nobody has had.
  [[nodiscard]] std::string freshLabel();
  /// Users outside the large group, each once, and the group to add them to: the large one, or one
  /// small group after the other, kAddsPerGroup users each. All connections are at the same small
  /// group at a time, as they are at the large one: both wait for one group's row. Nothing when
  /// there is nobody left.
  [[nodiscard]] std::optional<NewMember> newMember(Operation operation);

  static constexpr std::uint64_t kAddsPerGroup = 100;

 private:
  Layout layout_;
  std::atomic<std::uint64_t> next_label_;
  std::atomic<std::uint64_t> next_member_{0};
};

}  // namespace vestibule::bench
