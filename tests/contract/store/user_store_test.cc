#include "store/user_store.h"

#include <atomic>

#include "base/unicode.h"
#include "contract/store/store_fixture.h"
#include "store/federated_identity_store.h"

namespace vestibule::store::test {
namespace {

class UserStoreTest : public StoreTest {
 protected:
  std::optional<StoredUser> find(const ResourceId& id, bool with_groups = false) {
    return read([&](Session& session) { return findUser(session, domain(), id, with_groups); });
  }

  /// Changes a user to `after`, as the directory does.
  Result<void> update(const ResourceId& id, const NewUser& before, const NewUser& after,
                      const std::optional<std::string>& password_hash = std::nullopt) {
    return database().write([&](Session& session) -> Result<void> {
      auto locked = lockUser(session, domain(), id, false);
      if (!locked) return propagate(locked);
      if (!*locked) return failure(ErrorKind::kNotFound, "gone");
      auto meta = (*locked)->user.resource.meta;
      meta.version = Version(meta.version.value() + 1);
      meta.modified += 5;
      return updateLockedUser(session, domain(), **locked, meta, after.write, before.write.keys,
                              password_hash, audit());
    });
  }

  Result<bool> remove(const ResourceId& id) {
    return database().write([&](Session& session) -> Result<bool> {
      auto locked = lockUser(session, domain(), id, false);
      if (!locked) return propagate(locked);
      if (!*locked) return false;
      auto deleted = deleteLockedUser(session, domain(), **locked, 99, audit());
      if (!deleted) return propagate(deleted);
      return true;
    });
  }
};

TEST_F(UserStoreTest, A16_Q2_AnExternalIdIsTheClientsAndMayBeThereTwice) {
  const auto first = addUser(userOf(R"({"userName":"a","externalId":"e-1"})"));
  const auto second = addUser(userOf(R"({"userName":"b","externalId":"e-1"})"));
  EXPECT_NE(first, second);
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.users WHERE external_id_key = 'e-1'"), "2");
}

TEST_F(UserStoreTest, AUserComesBackAsItWasStored) {
  const auto user = userOf(
      R"({"userName":"Bjørn","displayName":"😀 'quoted' \\ \"x\" ?;:a","externalId":"e'x\\1","emails":[{"value":"B@x.org"}]})");
  addUser(user);
  const auto found = find(user.meta.id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->resource.document, user.write.document);
  EXPECT_EQ(found->resource.meta.id, user.meta.id);
  EXPECT_EQ(found->resource.meta.version, Version(1));
  EXPECT_EQ(found->resource.meta.created, user.meta.created);
  EXPECT_EQ(found->resource.meta.modified, user.meta.modified);
  EXPECT_TRUE(found->groups.empty());
  EXPECT_EQ(rows("SELECT value_key FROM {domain}.user_attributes WHERE attribute = 10"),
            (std::vector<std::string>{"b@x.org"}));
}

TEST_F(UserStoreTest, AReusedStatementDoesNotMixUsersUp) {
  const auto first = addUser("first");
  const auto second = addUser("second");
  const auto unknown = ResourceId::generate(domain().number, ResourceKind::kUser);
  write([&](Session& session) -> Result<void> {
    for (const bool with_groups : {false, true}) {
      for (const auto& id : {first, second, first}) {
        auto found = findUser(session, domain(), id, with_groups);
        EXPECT_TRUE(found && *found && (*found)->resource.meta.id == id);
        EXPECT_FALSE((*found)->resource.document.empty());
      }
      auto none = findUser(session, domain(), unknown, with_groups);
      EXPECT_TRUE(none && !*none);
    }
    return {};
  });
}

TEST_F(UserStoreTest, AUserWithoutIndexEntriesIsStoredInOneStatement) {
  const auto id = addUser("plain");
  EXPECT_TRUE(find(id));
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.user_attributes"), "0");
}

TEST_F(UserStoreTest, GroupsComeWithTheUserHoweverMany) {
  for (const int count : {0, 1, 8, 9, 40}) {
    SCOPED_TRACE(count);
    const auto id = addUser("user" + std::to_string(count));
    std::vector<std::string> expected;
    for (int i = 0; i < count; ++i) {
      const auto name = "g" + std::to_string(count) + "-" + std::to_string(i);
      addGroup(name, {id});
      expected.push_back(name);
    }
    const auto found = find(id, true);
    ASSERT_TRUE(found);
    std::vector<std::string> names;
    for (const auto& group : found->groups) names.push_back(group.display);
    std::sort(names.begin(), names.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(names, expected);
    EXPECT_TRUE(find(id, false)->groups.empty());

    const auto by_name = read([&](Session& session) {
      return findUsersByName(session, domain(), "user" + std::to_string(count), true);
    });
    ASSERT_EQ(by_name.size(), 1U);
    EXPECT_EQ(by_name.front().groups.size(), expected.size());
    EXPECT_EQ(by_name.front().resource.document, found->resource.document);
  }
}

TEST_F(UserStoreTest, A18_NamesAreUniqueByFoldAndCase) {
  addUser("Alice");
  auto again = database().write([&](Session& session) {
    const auto user = userOf(R"({"userName":"ALICE"})");
    return insertUser(session, domain(), user.meta, user.write, "", audit());
  });
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::kUniqueness);
  EXPECT_EQ(again.error().attribute, "userName");
  EXPECT_EQ(again.error().detail.find("alice"), std::string::npos);

  // In a case-sensitive domain, several users share a fold.
  for (const char* name : {"ALICE", "aLICE"}) {
    auto user = userOf(std::string(R"({"userName":")") + name + "\"}");
    user.write.keys.user_name_case = name;
    addUser(user);
  }
  const auto found =
      read([&](Session& session) { return findUsersByName(session, domain(), "alice", true); });
  EXPECT_EQ(found.size(), 3U);
}

TEST_F(UserStoreTest, AFailedInsertLeavesNothingBehind) {
  addUser("taken");
  const auto user = userOf(R"({"userName":"taken","emails":[{"value":"new@x.org"}]})");
  EXPECT_FALSE(database().write([&](Session& session) {
    return insertUser(session, domain(), user.meta, user.write, "", audit());
  }));
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.users"), "1");
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.user_attributes"), "0");
}

TEST_F(UserStoreTest, S33_RefusesWhatColumnsCannotHold) {
  auto long_name = userOf(R"({"userName":"x"})");
  long_name.write.keys.user_name_fold.assign(1'021, 'x');
  auto large = userOf(R"({"userName":"y"})");
  large.write.document.assign((4 << 20) + 1, ' ');
  const auto insert = [&](const NewUser& user) {
    return database().write([&](Session& session) {
      return insertUser(session, domain(), user.meta, user.write, "", audit());
    });
  };
  EXPECT_EQ(insert(long_name).error().kind, ErrorKind::kInvalidValue);
  EXPECT_EQ(insert(large).error().kind, ErrorKind::kPayloadTooLarge);
}

TEST_F(UserStoreTest, LongExternalIdsAreToldApart) {
  const std::string prefix(400, 'e');
  for (const char* end : {"1", "2"}) {
    addUser(userOf(std::string(R"({"userName":"u)") + end + R"(","externalId":")" + prefix + end +
                   "\"}"));
  }
  EXPECT_EQ(row("SELECT COUNT(DISTINCT external_id_key) FROM {domain}.users"), "2");
}

TEST_F(UserStoreTest, AnUpdateTouchesOnlyWhatDiffers) {
  const auto before = userOf(
      R"({"userName":"bob","displayName":"Bob","emails":[{"value":"a@x.org"},{"value":"b@x.org"}]})");
  const auto id = addUser(before);
  const auto after = userOf(
      R"({"userName":"Robert","displayName":"Bob","externalId":"7","emails":[{"value":"b@x.org"},{"value":"c@x.org"}]})");
  valueOf(update(id, before, after, "hash"));
  const auto found = find(id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->resource.document, after.write.document);
  EXPECT_EQ(found->resource.meta.version, Version(2));
  EXPECT_EQ(found->resource.meta.modified, before.meta.modified + 5);
  EXPECT_EQ(row("SELECT user_name_fold, external_id_key, password_hash FROM {domain}.users"),
            "robert|7|hash");
  EXPECT_EQ(rows("SELECT attribute, value_key FROM {domain}.user_attributes ORDER BY 1, 2"),
            (std::vector<std::string>{"10|b@x.org", "10|c@x.org", "11|bob"}));

  // Without a hash the old one stays; an empty one removes it.
  valueOf(update(id, after, before));
  EXPECT_EQ(row("SELECT external_id_key, password_hash FROM {domain}.users"), "NULL|hash");
  valueOf(update(id, before, after, ""));
  EXPECT_EQ(row("SELECT password_hash FROM {domain}.users"), "NULL");
}

TEST_F(UserStoreTest, AnUpdateMendsIndexEntriesThatAreThereAlready) {
  const auto before = userOf(R"({"userName":"bob"})");
  const auto id = addUser(before);
  write([&](Session& session) -> Result<void> {
    StatementBatch batch;
    batch.add("INSERT INTO " + domain().schema +
              ".user_attributes SELECT 10, 'a@x.org', seq FROM " + domain().schema + ".users");
    auto ran = batch.run(session);
    if (!ran) return propagate(ran);
    return {};
  });
  valueOf(update(id, before, userOf(R"({"userName":"bob","emails":[{"value":"a@x.org"}]})")));
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.user_attributes"), "1");
}

TEST_F(UserStoreTest, RenamingToATakenNameIsRefusedAndChangesNothing) {
  addUser("taken");
  const auto before = userOf(R"({"userName":"bob"})");
  const auto id = addUser(before);
  const auto refused =
      update(id, before, userOf(R"({"userName":"Taken","emails":[{"value":"a@x.org"}]})"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUniqueness);
  EXPECT_EQ(refused.error().attribute, "userName");
  EXPECT_EQ(find(id)->resource.meta.version, Version(1));
  // Nothing holds the row any longer.
  valueOf(update(id, before, userOf(R"({"userName":"robert"})")));
}

TEST_F(UserStoreTest, LockingNobodyLeavesNothingOpen) {
  const auto id = ResourceId::generate(domain().number, ResourceKind::kUser);
  read([&](Session& session) -> Result<void> {
    auto locked = lockUser(session, domain(), id, true);
    EXPECT_TRUE(locked && !*locked);
    EXPECT_FALSE(session.inTransaction());
    return {};
  });
}

TEST_F(UserStoreTest, ALockedUserComesWithItsGroups) {
  const auto id = addUser("bob");
  addGroup("staff", {id});
  read([&](Session& session) -> Result<void> {
    auto locked = lockUser(session, domain(), id, true);
    EXPECT_TRUE(locked && *locked);
    EXPECT_EQ((*locked)->user.groups.size(), 1U);
    EXPECT_EQ((*locked)->user.groups.front().display, "staff");
    rollback(session);
    return {};
  });
}

TEST_F(UserStoreTest, TheVersionAloneCanBeRead) {
  const auto id = addUser("bob");
  const auto version = [&](const ResourceId& of) {
    return read([&](Session& session) { return findUserVersion(session, domain(), of); });
  };
  EXPECT_EQ(version(id), Version(1));
  EXPECT_FALSE(version(ResourceId::generate(domain().number, ResourceKind::kUser)));
}

TEST_F(UserStoreTest, H4_ADeletedUserLeavesNothingAndItsGroupsAreRaised) {
  const auto id = addUser(userOf(R"({"userName":"bob","emails":[{"value":"a@x.org"}]})"));
  const auto other = addUser("other");
  const auto with_both = addGroup("both", {id, other});
  const auto with_other = addGroup("other", {other});
  write([&](Session& session) -> Result<void> {
    StatementBatch batch;
    batch.add("INSERT INTO " + control() +
                  ".federated_identities (idp_number, subject, user_id, claims_digest, "
                  "user_version, created, last_synced) VALUES (1, 's', ?, '', 1, 0, 0)",
              {Blob{id.bytes()}});
    auto ran = batch.run(session);
    if (!ran) return propagate(ran);
    return {};
  });
  EXPECT_TRUE(valueOf(remove(id)));
  EXPECT_FALSE(valueOf(remove(id)));
  EXPECT_FALSE(find(id));
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.user_attributes"), "0");
  EXPECT_EQ(row("SELECT COUNT(*) FROM {control}.federated_identities"), "0");
  EXPECT_EQ(memberNames(with_both), (std::vector<std::string>{"other"}));
  EXPECT_EQ(groupVersion(with_both), 2U);
  EXPECT_EQ(groupVersion(with_other), 1U);
  // `modified` never goes back.
  EXPECT_EQ(rows("SELECT DISTINCT modified FROM {domain}.user_groups").size(), 1U);
}

TEST_F(UserStoreTest, S17_RacingInsertsOfOneNameGiveOneUser) {
  std::atomic<int> made{0};
  std::atomic<int> refused{0};
  inParallel(16, [&](int) {
    const auto user = userOf(R"({"userName":"same","emails":[{"value":"a@x.org"}]})");
    auto stored = database().write([&](Session& session) {
      return insertUser(session, domain(), user.meta, user.write, "", audit());
    });
    if (stored) {
      ++made;
    } else if (stored.error().kind == ErrorKind::kUniqueness) {
      ++refused;
    } else {
      ADD_FAILURE() << stored.error().detail << stored.error().internal;
    }
  });
  EXPECT_EQ(made, 1);
  EXPECT_EQ(refused, 15);
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.users"), "1");
}

TEST_F(UserStoreTest, S15_S16_RacingUpdatesAllCount) {
  const auto before = userOf(R"({"userName":"bob"})");
  const auto id = addUser(before);
  inParallel(12, [&](int) {
    for (int i = 0; i < 5; ++i) {
      auto done = update(id, before, before);
      EXPECT_TRUE(done) << done.error().internal;
    }
  });
  EXPECT_EQ(find(id)->resource.meta.version, Version(61));
}

TEST_F(UserStoreTest, AUserOfVeryManyGroupsIsDeletedAtOnce) {
  const auto bob = addUser("bob");
  makeNumbers(10'000);
  run(
      {"INSERT INTO {domain}.user_groups (id, display_name, display_name_key, version, created, "
       "modified, document) SELECT UNHEX(LPAD(HEX(n), 32, '0')), n, n, 1, 1, 1, '{}' FROM "
       "{domain}.numbers",
       "DROP TABLE {domain}.numbers",
       "INSERT INTO {domain}.memberships (group_seq, user_seq, by_scim) SELECT g.seq, u.seq, 1 "
       "FROM {domain}.user_groups g, {domain}.users u"});
  EXPECT_TRUE(valueOf(remove(bob)));
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.memberships"), "0");
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.user_groups WHERE version = 2"), "10000");
}

}  // namespace
}  // namespace vestibule::store::test
