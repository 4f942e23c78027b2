#include "store/guard_rails.h"

#include <atomic>

#include "contract/store/store_fixture.h"
#include "store/database_error.h"

namespace vestibule::store::test {
namespace {

class GuardRailsTest : public StoreTest {
 protected:
  static GuardRails railsOf(std::uint64_t cap) {
    GuardRails rails;
    rails.actor = {RailActor::Kind::kToken, "t"};
    rails.window = std::chrono::minutes(60);
    rails.caps = {cap, cap, cap};
    return rails;
  }
  Result<void> remove(const ResourceId& user, const GuardRails& rails) {
    return database().write([&](Session& session) -> Result<void> {
      auto locked = lockUser(session, domain(), user, false);
      if (!locked) return propagate(locked);
      auto event = audit();
      event.rails = &rails;
      return deleteLockedUser(session, domain(), **locked, 1, event);
    });
  }
};

TEST(GuardRailErrors, AreNamedByTheCheckInTheWordsOfEitherServer) {
  const struct {
    unsigned number;
    const char* message;
    ErrorKind kind;
    const char* attribute;
  } rows[] = {
      {4025, "CONSTRAINT `guard_deletes` failed for `corp_2`.`guard_rails`",
       ErrorKind::kTooManyRequests, "deletes"},
      {3819, "Check constraint 'guard_deactivations' is violated.", ErrorKind::kTooManyRequests,
       "deactivations"},
      {3819, "Check constraint 'guard_membership_removals' is violated.",
       ErrorKind::kTooManyRequests, "membershipRemovals"},
      {4025, "CONSTRAINT `another` failed for `corp_2`.`users`", ErrorKind::kInternal, ""},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.message);
    const auto known = classifyError(row.number, row.message, false);
    EXPECT_EQ(known.error.kind, row.kind);
    EXPECT_EQ(known.error.attribute, row.attribute);
    EXPECT_FALSE(known.session_unusable);
  }
}

TEST_F(GuardRailsTest, LeaveTheSessionUsableAndNothingBehind) {
  const auto first = addUser("first");
  const auto second = addUser("second");
  const auto rails = railsOf(1);
  ASSERT_TRUE(remove(first, rails));
  const auto refused = remove(second, rails);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kTooManyRequests);
  EXPECT_EQ(refused.error().attribute, "deletes");
  EXPECT_EQ(row("SELECT used FROM {domain}.guard_rails"), "1");
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.users"), "1");
}

TEST_F(GuardRailsTest, StoreTheEventOnceHoweverManyAreRefusedAtOnce) {
  const auto rails = railsOf(1);
  std::atomic<int> firsts = 0;
  constexpr int kThreads = 8;
  inParallel(kThreads, [&](int) {
    const auto noted = database().write([&](Session& session) {
      return noteRailRefusal(session, domain(), rails, RailKind::kDeletes, audit());
    });
    if (noted && noted->refused == 1) ++firsts;
  });
  EXPECT_EQ(firsts, 1);
  EXPECT_EQ(row("SELECT refused FROM {domain}.guard_rails"), "8");
  EXPECT_EQ(row("SELECT COUNT(*) FROM {control}.audit_events"), "1");
}

TEST_F(GuardRailsTest, AreListedWhileTheirWindowIsOpen) {
  run(
      {"INSERT INTO {domain}.guard_rails VALUES (2, '7', 3, {now} + 60000000, 4, 9, 1), "
       "(1, 't', 1, {now} + 60000000, 2, 9, 0), (1, 'u', 1, {now} - 1, 2, 9, 0)"});
  const auto windows =
      read([&](Session& session) { return listRailWindows(session, domain(), 10); });
  ASSERT_EQ(windows.size(), 2U);
  EXPECT_EQ(windows[0].actor.id, "t");
  EXPECT_EQ(windows[0].kind, RailKind::kDeletes);
  EXPECT_EQ(windows[0].used, 2U);
  EXPECT_GT(windows[0].left, std::chrono::seconds(50));
  EXPECT_EQ(windows[1].actor.kind, RailActor::Kind::kIdentityProvider);
  EXPECT_EQ(windows[1].refused, 1U);
}

}  // namespace
}  // namespace vestibule::store::test
