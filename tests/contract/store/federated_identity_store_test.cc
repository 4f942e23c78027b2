#include "store/federated_identity_store.h"

#include <atomic>
#include <random>

#include "contract/store/store_fixture.h"

namespace vestibule::store::test {
namespace {

constexpr IdentityProviderNumber kOkta = 3;
constexpr IdentityProviderNumber kEntra = 4;

class FederatedIdentityTest : public StoreTest {
 protected:
  FederatedIdentity identityOf(const ResourceId& user, const std::string& subject,
                               IdentityProviderNumber provider = kOkta) const {
    FederatedIdentity identity;
    identity.identity_provider = provider;
    identity.subject = Subject(subject);
    identity.user = user;
    identity.claims_digest = std::string("\0digest'\xff", 9) + std::string(23, 'd');
    identity.user_version = Version(1);
    identity.created = 11;
    identity.last_synced = 12;
    return identity;
  }

  Result<void> provision(const NewUser& user, const std::string& subject,
                         const std::vector<std::uint64_t>& groups = {}) {
    return database().write([&](Session& session) {
      return insertProvisionedUser(session, control(), domain(), user.meta, user.write,
                                   identityOf(user.meta.id, subject), groups);
    });
  }

  std::optional<LinkedUser> find(const std::string& subject,
                                 IdentityProviderNumber provider = kOkta) {
    return read([&](Session& session) {
      return findLinkedUser(session, control(), domain(), provider, Subject(subject));
    });
  }

  /// A login of a user that exists.
  Result<void> login(const ResourceId& user, const ProvisionUpdate& update, Timestamp now = 50) {
    return database().write([&](Session& session) -> Result<void> {
      auto locked = lockUser(session, domain(), user, false);
      if (!locked) return propagate(locked);
      if (!*locked) return failure(ErrorKind::kNotFound, "gone");
      return updateProvisionedUser(session, control(), domain(), **locked, update, now);
    });
  }

  ProvisionUpdate granting(const ResourceId& user, std::vector<std::uint64_t> groups,
                           bool revoke_others, IdentityProviderNumber provider = kOkta,
                           const std::string& subject = "s") const {
    ProvisionUpdate update;
    update.grant = std::move(groups);
    update.revoke_others = revoke_others;
    update.identity = identityOf(user, subject, provider);
    return update;
  }

  std::vector<std::string> grants() {
    return rows(
        "SELECT i.idp_number, g.display_name FROM {domain}.idp_grants i JOIN "
        "{domain}.user_groups g ON g.seq = i.group_seq ORDER BY 1, 2");
  }
  std::vector<std::string> memberships() {
    return rows(
        "SELECT g.display_name, m.by_scim FROM {domain}.memberships m JOIN "
        "{domain}.user_groups g ON g.seq = m.group_seq ORDER BY 1");
  }
};

TEST_F(FederatedIdentityTest, AProvisionedUserIsFoundByItsSubjectWithItsGroups) {
  const auto staff = addGroup("staff");
  const auto admins = addGroup("admins");
  const auto user = userOf(R"({"userName":"bob","emails":[{"value":"b@x.org"}]})");
  // In any order, and one twice.
  valueOf(
      provision(user, "auth0|'1'", {groupNumber(admins), groupNumber(staff), groupNumber(admins)}));
  const auto found = find("auth0|'1'");
  ASSERT_TRUE(found && found->user);
  EXPECT_EQ(found->identity.user, user.meta.id);
  EXPECT_EQ(found->identity.claims_digest, identityOf(user.meta.id, "").claims_digest);
  EXPECT_EQ(found->identity.user_version, Version(1));
  EXPECT_EQ(found->identity.created, 11);
  EXPECT_EQ(found->identity.last_synced, 12);
  EXPECT_EQ(found->identity.subject, Subject("auth0|'1'"));
  EXPECT_EQ(found->user->resource.document, user.write.document);
  EXPECT_EQ(found->user->groups.size(), 2U);
  EXPECT_EQ(groupVersion(staff), 2U);
  EXPECT_EQ(groupVersion(admins), 2U);
  EXPECT_EQ(grants(), (std::vector<std::string>{"3|admins", "3|staff"}));
  EXPECT_EQ(memberships(), (std::vector<std::string>{"admins|0", "staff|0"}));
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.user_attributes"), "1");
}

TEST_F(FederatedIdentityTest, SubjectsAreComparedByteByByte) {
  valueOf(provision(userOf(R"({"userName":"bob"})"), "Subject"));
  EXPECT_TRUE(find("Subject"));
  for (const char* other : {"subject", "Subject ", "Subjec", "S\xC3\xBC"})
    EXPECT_FALSE(find(other));
  EXPECT_FALSE(find("Subject", kEntra));
}

TEST_F(FederatedIdentityTest, GroupsComeWithTheLinkedUserHoweverMany) {
  for (const int count : {0, 8, 9, 30}) {
    SCOPED_TRACE(count);
    std::vector<std::uint64_t> groups;
    for (int i = 0; i < count; ++i) {
      groups.push_back(
          groupNumber(addGroup("g" + std::to_string(count) + "-" + std::to_string(i))));
    }
    const auto name = "user" + std::to_string(count);
    valueOf(provision(userOf(R"({"userName":")" + name + "\"}"), name, groups));
    const auto found = find(name);
    ASSERT_TRUE(found && found->user);
    EXPECT_EQ(found->user->groups.size(), static_cast<std::size_t>(count));
    EXPECT_FALSE(found->user->resource.document.empty());
  }
}

TEST_F(FederatedIdentityTest, ALinkToAUserElsewhereOrGoneComesWithoutUser) {
  const auto elsewhere = ResourceId::generate(DomainNumber(9), ResourceKind::kUser);
  write([&](Session& session) -> Result<void> {
    StatementBatch batch;
    batch.add("INSERT INTO " + control() +
                  ".federated_identities (idp_number, subject, user_id, claims_digest, "
                  "user_version, created, last_synced) VALUES (3, 's', ?, ?, 5, 1, 2)",
              {Blob{elsewhere.bytes()}, Blob{"d"}});
    auto ran = batch.run(session);
    if (!ran) return propagate(ran);
    return {};
  });
  const auto found = find("s");
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->user);
  EXPECT_EQ(found->identity.user, elsewhere);
  // The same statement with a user behind it again.
  valueOf(provision(userOf(R"({"userName":"bob"})"), "t"));
  EXPECT_TRUE(find("t")->user);
  EXPECT_FALSE(find("s")->user);
}

TEST_F(FederatedIdentityTest, TakenNamesAndTakenSubjectsAreToldApart) {
  valueOf(provision(userOf(R"({"userName":"bob"})"), "s"));
  const auto same_name = provision(userOf(R"({"userName":"BOB"})"), "t");
  ASSERT_FALSE(same_name);
  EXPECT_EQ(same_name.error().kind, ErrorKind::kUniqueness);
  EXPECT_EQ(same_name.error().attribute, "userName");
  const auto same_subject = provision(userOf(R"({"userName":"alice"})"), "s");
  ASSERT_FALSE(same_subject);
  EXPECT_EQ(same_subject.error().kind, ErrorKind::kUniqueness);
  EXPECT_EQ(same_subject.error().attribute, "subject");
  // A value cannot pass for the name of a key.
  const auto odd = R"(x' for key 'federated_identity_subject)";
  valueOf(provision(userOf(R"({"userName":"odd"})"), odd));
  auto named = userOf(R"({"userName":"second"})");
  named.write.keys.user_name_fold = "odd";
  EXPECT_EQ(provision(named, "other").error().attribute, "userName");
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.users"), "2");
  EXPECT_EQ(row("SELECT COUNT(*) FROM {control}.federated_identities"), "2");
}

TEST_F(FederatedIdentityTest, RefusesSubjectsThatCannotBeStored) {
  for (const auto& subject : {std::string(), std::string(1'021, 's')}) {
    const auto refused = provision(userOf(R"({"userName":"bob"})"), subject);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidValue);
    EXPECT_EQ(refused.error().attribute, "subject");
    EXPECT_FALSE(find(subject));
  }
  valueOf(provision(userOf(R"({"userName":"bob"})"), std::string(1'020, 's')));
}

TEST_F(FederatedIdentityTest, GroupsThatAreGoneMeanwhileAreLeftOut) {
  const auto staff = groupNumber(addGroup("staff"));
  valueOf(provision(userOf(R"({"userName":"bob"})"), "s", {staff, staff + 1'000}));
  EXPECT_EQ(grants(), (std::vector<std::string>{"3|staff"}));
  const auto id = find("s")->identity.user;
  valueOf(login(id, granting(id, {staff, staff + 1'000}, false)));
  EXPECT_EQ(grants(), (std::vector<std::string>{"3|staff"}));
}

TEST_F(FederatedIdentityTest, ALoginWritesWhatItBrought) {
  const auto before = userOf(R"({"userName":"bob","emails":[{"value":"a@x.org"}]})");
  valueOf(provision(before, "s"));
  const auto after = userOf(R"({"userName":"bob","emails":[{"value":"b@x.org"}]})");
  ProvisionUpdate update;
  update.user = after.write;
  update.meta = before.meta;
  update.meta.version = Version(2);
  update.meta.modified += 1;
  update.before = before.write.keys;
  update.identity = identityOf(before.meta.id, "s");
  update.identity.claims_digest = std::string(32, 'n');
  update.identity.user_version = Version(2);
  update.identity.last_synced = 99;
  valueOf(login(before.meta.id, update));
  const auto found = find("s");
  EXPECT_EQ(found->user->resource.document, after.write.document);
  EXPECT_EQ(found->user->resource.meta.version, Version(2));
  EXPECT_EQ(found->identity.claims_digest, std::string(32, 'n'));
  EXPECT_EQ(found->identity.user_version, Version(2));
  EXPECT_EQ(found->identity.last_synced, 99);
  EXPECT_EQ(found->identity.created, 11);
  EXPECT_EQ(row("SELECT value_key FROM {domain}.user_attributes"), "b@x.org");
}

TEST_F(FederatedIdentityTest, ALinkIsMadeOnceAndNeverStolen) {
  const auto bob = addUser("bob");
  const auto alice = addUser("alice");
  auto update = granting(bob, {}, false);
  update.new_link = true;
  valueOf(login(bob, update));
  EXPECT_EQ(find("s")->identity.user, bob);
  auto steal = granting(alice, {}, false);
  steal.new_link = true;
  EXPECT_EQ(login(alice, steal).error().attribute, "subject");
  // Nor does a login that took the link for its own change another's.
  auto mistaken = granting(alice, {}, false);
  mistaken.identity.claims_digest = std::string(32, 'x');
  valueOf(login(alice, mistaken));
  EXPECT_EQ(find("s")->identity.user, bob);
  EXPECT_NE(find("s")->identity.claims_digest, mistaken.identity.claims_digest);
}

TEST_F(FederatedIdentityTest, AMembershipLastsAsLongAsOneOfItsSources) {
  const auto bob = addUser("bob");
  const auto scim = addGroup("scim", {bob});
  const auto okta = addGroup("okta");
  const auto both = addGroup("both");
  const auto n_scim = groupNumber(scim);
  const auto n_okta = groupNumber(okta);
  const auto n_both = groupNumber(both);

  valueOf(login(bob, granting(bob, {n_scim, n_okta, n_both}, true)));
  EXPECT_EQ(memberships(), (std::vector<std::string>{"both|0", "okta|0", "scim|1"}));
  EXPECT_EQ(groupVersion(scim), 1U) << "it had the member already";
  EXPECT_EQ(groupVersion(okta), 2U);
  valueOf(login(bob, granting(bob, {n_both}, true, kEntra)));
  EXPECT_EQ(groupVersion(both), 2U);
  EXPECT_EQ(grants(), (std::vector<std::string>{"3|both", "3|okta", "3|scim", "4|both"}));

  // Without revoke_others, grants only come.
  valueOf(login(bob, granting(bob, {n_okta}, false)));
  EXPECT_EQ(grants().size(), 4U);
  EXPECT_EQ(groupVersion(okta), 2U);

  // Okta takes everything back: SCIM's membership and Entra's stay.
  valueOf(login(bob, granting(bob, {}, true)));
  EXPECT_EQ(memberships(), (std::vector<std::string>{"both|0", "scim|1"}));
  EXPECT_EQ(grants(), (std::vector<std::string>{"4|both"}));
  EXPECT_EQ(groupVersion(scim), 1U);
  EXPECT_EQ(groupVersion(okta), 3U);
  EXPECT_EQ(groupVersion(both), 2U);
  valueOf(login(bob, granting(bob, {}, true)));
  EXPECT_EQ(groupVersion(okta), 3U);

  // Entra was the last.
  valueOf(login(bob, granting(bob, {n_okta}, true, kEntra)));
  EXPECT_EQ(memberships(), (std::vector<std::string>{"okta|0", "scim|1"}));
  EXPECT_EQ(groupVersion(both), 3U);
  EXPECT_EQ(groupVersion(okta), 4U);
}

TEST_F(FederatedIdentityTest, LinksOfAUserAreListedAndRemoved) {
  const auto bob = addUser("bob");
  for (const auto provider : {kOkta, kEntra}) {
    auto update = granting(bob, {}, false, provider, "s" + std::to_string(provider));
    update.new_link = true;
    valueOf(login(bob, update));
  }
  const auto links = [&] {
    return read([&](Session& session) { return findIdentitiesOfUser(session, control(), bob); });
  };
  ASSERT_EQ(links().size(), 2U);
  EXPECT_EQ(links()[0].subject, Subject("s3"));
  EXPECT_EQ(links()[1].identity_provider, kEntra);
  const auto userOf = [&](IdentityProviderNumber provider, const char* subject) {
    const auto link = read([&](Session& session) {
      return findIdentity(session, control(), provider, Subject(subject));
    });
    return link ? link->user : ResourceId();
  };
  EXPECT_EQ(userOf(kOkta, "s3"), bob);
  EXPECT_EQ(userOf(kOkta, "S3"), ResourceId());
  EXPECT_EQ(userOf(kEntra, "s3"), ResourceId());
  const auto remove = [&](const char* subject, const std::optional<ResourceId>& user) {
    return write([&](Session& session) {
      return deleteIdentity(session, control(), kOkta, Subject(subject), user);
    });
  };
  EXPECT_FALSE(remove("s4", std::nullopt));
  EXPECT_FALSE(remove("s3", ResourceId::generate(domain().number, ResourceKind::kUser)));
  EXPECT_TRUE(remove("s3", bob));
  EXPECT_FALSE(remove("s3", std::nullopt));
  EXPECT_EQ(links().size(), 1U);
}

TEST_F(FederatedIdentityTest, RacingFirstLoginsGiveOneUser) {
  const auto staff = groupNumber(addGroup("staff"));
  const auto admins = groupNumber(addGroup("admins"));
  std::atomic<int> made{0};
  std::atomic<int> lost{0};
  std::atomic<int> deadlocks{0};
  inParallel(64, [&](int) {
    const auto user = userOf(R"({"userName":"bob","emails":[{"value":"b@x.org"}]})");
    const auto done = database().write([&](Session& session) {
      auto tried = insertProvisionedUser(session, control(), domain(), user.meta, user.write,
                                         identityOf(user.meta.id, "s"), {staff, admins});
      if (session.failure() == Failure::kDeadlock) ++deadlocks;
      return tried;
    });
    if (done) {
      ++made;
    } else if (done.error().kind == ErrorKind::kUniqueness && done.error().attribute == "subject") {
      ++lost;
    } else {
      ADD_FAILURE() << done.error().detail << " " << done.error().attribute << " "
                    << done.error().internal;
    }
  });
  EXPECT_EQ(made, 1);
  EXPECT_EQ(lost, 63);
  EXPECT_EQ(deadlocks, 0);
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.users"), "1");
  EXPECT_EQ(row("SELECT COUNT(*) FROM {control}.federated_identities"), "1");
  EXPECT_EQ(grants().size(), 2U);
}

TEST_F(FederatedIdentityTest, LoginsThatShareGroupsNeverWaitForEachOtherInACircle) {
  std::vector<std::uint64_t> groups;
  for (int i = 0; i < 6; ++i) groups.push_back(groupNumber(addGroup("g" + std::to_string(i))));
  std::vector<ResourceId> users;
  for (int i = 0; i < 5; ++i) {
    const auto name = "user" + std::to_string(i);
    const auto user = userOf(R"({"userName":")" + name + "\"}");
    valueOf(provision(user, name, groups));
    users.push_back(user.meta.id);
  }
  std::atomic<int> deadlocks{0};
  inParallel(12, [&](int thread) {
    std::mt19937 random(static_cast<unsigned>(thread));
    for (int i = 0; i < 25; ++i) {
      auto some = groups;
      std::shuffle(some.begin(), some.end(), random);
      some.resize(random() % some.size());
      const bool create = random() % 3 == 0;
      const auto name = "new" + std::to_string(thread) + "-" + std::to_string(i);
      const auto made = userOf(R"({"userName":")" + name + "\"}");
      const std::size_t which = random() % users.size();
      const auto done = database().write([&](Session& session) -> Result<void> {
        const auto tried = [&]() -> Result<void> {
          if (create) {
            return insertProvisionedUser(session, control(), domain(), made.meta, made.write,
                                         identityOf(made.meta.id, name), some);
          }
          auto locked = lockUser(session, domain(), users[which], false);
          if (!locked) return propagate(locked);
          return updateProvisionedUser(
              session, control(), domain(), **locked,
              granting(users[which], some, true, kOkta, "user" + std::to_string(which)), 60);
        }();
        if (!tried && session.failure() == Failure::kDeadlock) ++deadlocks;
        return tried;
      });
      EXPECT_TRUE(done) << done.error().detail << done.error().internal;
    }
  });
  EXPECT_EQ(deadlocks, 0);
  // A membership is there exactly when something grants it.
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.memberships m WHERE m.by_scim = 0 AND NOT EXISTS "
                "(SELECT 1 FROM {domain}.idp_grants g WHERE g.group_seq = m.group_seq AND "
                "g.user_seq = m.user_seq)"),
            "0");
}

}  // namespace
}  // namespace vestibule::store::test
