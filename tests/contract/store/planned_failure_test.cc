// Every write of the stores meets every kind of failure in front of each of its statements: it
// either happens as a whole, or nothing of it does, and the session goes on clean.

#include <deque>
#include <functional>
#include <thread>

#include "base/crypto.h"
#include "base/encoding.h"
#include "contract/store/control_fixture.h"
#include "contract/store/store_fixture.h"
#include "store/consent_withdrawal.h"
#include "store/delivery_store.h"
#include "store/event_key_store.h"
#include "store/federated_identity_store.h"
#include "store/feed_walk.h"
#include "store/import_store.h"
#include "store/outbound_store.h"
#include "store/sealing.h"
#include "store/secret_store.h"
#include "store/user_batch_store.h"
#include "support/team_schemas.h"

namespace vestibule::store::test {
namespace {

/// Deadlock, lock wait, lost connection, full disk, value too long.
constexpr unsigned kErrors[] = {1213, 1205, 2013, 1021, 1406};
/// Those after which the unit of work is run again.
bool isRunAgain(unsigned error) { return error == 1213 || error == 1205; }

using Write = std::function<Result<void>(Session&)>;

/// Runs writes that `prepare` makes, each time with the next statement failing, until none is left
/// to fail. `contents` tells all that is stored.
void sweep(Database& database, const std::function<Write()>& prepare,
           const std::function<std::string()>& contents) {
  for (const unsigned error : kErrors) {
    unsigned failed = 0;
    for (std::uint64_t statement = 1;; ++statement) {
      SCOPED_TRACE("error " + std::to_string(error) + " at statement " + std::to_string(statement));
      const Write write = prepare();
      const auto before = contents();
      bool met = false;
      int runs = 0;
      const auto result = database.write([&](Session& session) -> Result<void> {
        if (++runs == 1) session.planned_failure = Session::PlannedFailure{statement, error};
        auto written = write(session);
        if (runs == 1) {
          met = !session.planned_failure;
          session.planned_failure.reset();
        }
        EXPECT_FALSE(session.inTransaction() && written) << "a success leaves nothing open";
        return written;
      });
      if (!met) {
        ASSERT_TRUE(result) << result.error().detail << " " << result.error().internal;
        break;
      }
      ++failed;
      if (result) {
        EXPECT_GT(runs, 1) << "the failure went unnoticed";
        EXPECT_NE(contents(), before);
      } else {
        EXPECT_FALSE(isRunAgain(error)) << result.error().internal;
        EXPECT_EQ(contents(), before);
      }
      const auto next = database.lease();
      ASSERT_TRUE(next);
      EXPECT_FALSE((**next).inTransaction());
      EXPECT_FALSE((**next).unusable());
    }
    EXPECT_GT(failed, 0U);
  }
}

class PlannedFailureTest : public StoreTest {
 protected:
  /// Sweeps a write that `prepare` makes for a user and a group of its own.
  void sweepWrites(
      const std::function<Write(const ResourceId& user, const ResourceId& group)>& prepare) {
    sweep(
        database(),
        [&] {
          const auto name = "n" + std::to_string(++made_);
          const auto user = addUser(userOf(R"({"userName":")" + name + R"(","emails":[{"value":")" +
                                           name + R"(@x.org"}]})"));
          return prepare(user, addGroup(groupOf("g" + name, teamOf("before " + name)), {user}));
        },
        [&] {
          std::string all;
          for (const char* table : {"{domain}.users",
                                    "{domain}.user_attributes",
                                    "{domain}.user_groups",
                                    "{domain}.group_attributes",
                                    "{domain}.group_nesting",
                                    "{domain}.group_ancestors",
                                    "{domain}.memberships",
                                    "{domain}.idp_grants",
                                    "{control}.federated_identities",
                                    "{control}.audit_events",
                                    "{control}.audit_traces",
                                    "{control}.consent_decisions",
                                    "{control}.consent_receipts",
                                    "{control}.outbound_pending",
                                    "{control}.outbound_links",
                                    "{control}.outbound_members",
                                    "{control}.imports",
                                    "{control}.import_batches",
                                    "{control}.event_outbox",
                                    "{control}.event_deliveries",
                                    "{control}.event_stream_progress"}) {
            all += row(std::string("CHECKSUM TABLE ") + table) + "\n";
          }
          return all;
        });
  }
  NewUser another() {
    const auto name = "other" + std::to_string(++made_);
    return userOf(R"({"userName":")" + name + R"(","emails":[{"value":")" + name + R"(@x.org"}]})");
  }
  /// The extension of a group with a code of its own.
  static std::string teamOf(const std::string& code) {
    return std::string("{\"") + scim::test::kTeamUrn + R"(":{"costCentre":"c","code":")" + code +
           "\"}}";
  }
  /// An event that goes to the outbox; lives as long as the test.
  const AuditEvent& announced(const ResourceId& id) {
    auto& event = announced_.emplace_back();
    event.domain = AuditDomain{DomainNumber(7), DomainName("CORP")};
    event.resource = id;
    event.version_after = Version(1);
    event.announcement = Announcement{bitOf(ChangeKind::kCreate), {}, {}, true};
    return event;
  }
  void announceChange(const ResourceId& user) {
    run(
        {"INSERT INTO {control}.event_outbox (occurred, kinds, domain_number, resource_id, "
         "correlation_id) SELECT 1, 4, 7, id, '' FROM {domain}.users WHERE id = UNHEX('" +
         toHex(user.bytes()) + "')"});
  }
  Result<void> fanAll(Session& session) {
    const auto revision = std::stoull(row("SELECT revision FROM {control}.control_state"));
    const auto plan = [](const auto& events) {
      std::vector<NewDelivery> deliveries;
      for (const auto& event : events) {
        deliveries.push_back({901, randomBytes(16), &event, event.kinds});
      }
      return deliveries;
    };
    for (;;) {
      auto fanned = fanOut(session, control(), revision, 100, plan,
                           [this](DomainNumber) { return &domain(); });
      // A session that was lost has its turn until the server hears of it.
      if (!fanned || *fanned != FannedOut::kBusy) return withoutValue(std::move(fanned));
      std::this_thread::yield();
    }
  }
  template <typename Value>
  static Result<void> withoutValue(Result<Value> result) {
    if (!result) return propagate(result);
    return {};
  }
  FederatedIdentity identityOf(const ResourceId& user) {
    FederatedIdentity identity;
    identity.identity_provider = 3;
    identity.subject = Subject("s" + std::to_string(++made_));
    identity.user = user;
    identity.claims_digest = std::string(32, 'd');
    identity.user_version = Version(1);
    identity.created = identity.last_synced = 11;
    return identity;
  }
  static LoginRecord recordOf(const std::string& action) {
    LoginRecord record;
    record.audit.emplace();
    record.audit->action = action;
    record.audit->trace = "[]";
    record.consent.emplace();
    record.consent->decisions.push_back({1, 1, "", Consent::kAgreed});
    fillRandom(record.consent->receipt.id.data(), record.consent->receipt.id.size());
    return record;
  }
  /// A write on the locked user.
  Write onLocked(const ResourceId& user,
                 std::function<Result<void>(Session&, const LockedUser&)> work) {
    return [this, user, work = std::move(work)](Session& session) -> Result<void> {
      auto locked = lockUser(session, domain(), user, true);
      if (!locked) return propagate(locked);
      if (!*locked) return failure(ErrorKind::kNotFound, "gone");
      return work(session, **locked);
    };
  }

 private:
  int made_ = 0;
  std::deque<AuditEvent> announced_;
};

TEST_F(PlannedFailureTest, OfANewUser) {
  sweepWrites([&](const auto&, const auto&) -> Write {
    return [this, user = another()](Session& session) {
      return insertUser(session, domain(), user.meta, user.write, "hash", audit());
    };
  });
}

TEST_F(PlannedFailureTest, OfAChangedUser) {
  sweepWrites([&](const ResourceId& user, const auto&) {
    return onLocked(user, [this, after = another()](Session& session, const LockedUser& locked) {
      auto meta = locked.user.resource.meta;
      meta.version = Version(meta.version.value() + 1);
      const auto before = userOf(locked.user.resource.document);
      return updateLockedUser(session, domain(), locked, meta, after.write, before.write.keys,
                              "hash", audit());
    });
  });
}

TEST_F(PlannedFailureTest, OfABatchOfUsersAndItsMark) {
  run(
      {"INSERT INTO {control}.domains (number, name, schema_name, state, description, settings, "
       "version, created, modified) VALUES (7, 'D', 'd', 'active', '', '{}', 1, 1, 1)"});
  sweepWrites([&](const ResourceId& id, const auto&) -> Write {
    const auto import = write([&](Session& session) {
      return beginImport(session, control(), {randomBytes(32), DomainNumber(7), 5});
    });
    return [this, import, id, first = another(), second = another(),
            after = another()](Session& session) -> Result<void> {
      UserBatchQuestion question;
      question.match = UserMatch::kId;
      question.keys = {std::string(id.bytes())};
      auto answer = beginUserBatch(session, domain(), question);
      if (!answer) return propagate(answer);
      auto& found = answer->matched.front().locked;
      UserBatch batch;
      for (const auto& user : {first, second}) {
        batch.created.push_back({user.meta, user.write, "hash", audit().event});
      }
      auto meta = found.user.resource.meta;
      meta.version = Version(meta.version.value() + 1);
      const auto before = userOf(found.user.resource.document);
      batch.changed.push_back(
          {&found, meta, after.write, before.write.keys, "hash", audit().event});
      const ImportBatchMark mark{import, 1, 0, {2, 1, 0, 0}, {}};
      batch.mark = &mark;
      return writeUserBatch(session, domain(), control(), batch);
    };
  });
}

TEST_F(PlannedFailureTest, OfADeletedUser) {
  sweepWrites([&](const ResourceId& user, const auto&) {
    return onLocked(user, [this](Session& session, const LockedUser& locked) {
      return deleteLockedUser(session, domain(), locked, 99, audit());
    });
  });
}

TEST_F(PlannedFailureTest, OfANewGroup) {
  sweepWrites([&](const ResourceId& user, const auto&) -> Write {
    const auto group = groupOf("new " + user.text(), teamOf(user.text()));
    const auto inner = addGroup("in " + user.text());
    addGroup("above " + user.text(), {inner});
    return [this, group, user, inner](Session& session) {
      return insertGroup(session, domain(), scim::test::teamGroupType(), group.meta, group.write,
                         {user, inner}, audit());
    };
  });
}

TEST_F(PlannedFailureTest, OfAChangedGroup) {
  for (const bool replace_all : {false, true}) {
    sweepWrites([&](const ResourceId& user, const ResourceId& group) -> Write {
      MembershipChange change;
      const auto leaving = addGroup("leaves " + user.text(), {addGroup("in " + user.text())});
      valueOf(database().write([&](Session& session) {
        return changeGroup(
            session, domain(), scim::test::teamGroupType(), group,
            [](const auto&) { return Result<std::optional<GroupWrite>>(std::nullopt); },
            {{leaving}, {}, false}, 98, audit());
      }));
      change.add = {addUser(another()), addGroup("comes " + user.text())};
      if (!replace_all) change.remove = {user, leaving};
      change.replace_all = replace_all;
      const auto after = groupOf("after " + user.text(), teamOf(user.text()));
      return [this, group, change, after](Session& session) -> Result<void> {
        const GroupEdit edit = [&](const StoredResource&) -> Result<std::optional<GroupWrite>> {
          return after.write;
        };
        auto changed = changeGroup(session, domain(), scim::test::teamGroupType(), group, edit,
                                   change, 99, audit());
        if (!changed) return propagate(changed);
        return {};
      };
    });
  }
}

TEST_F(PlannedFailureTest, OfADeletedGroup) {
  sweepWrites([&](const auto&, const ResourceId& group) -> Write {
    const auto middle = addGroup("middle " + group.text(), {addGroup("in " + group.text())});
    addGroup("above " + group.text(), {middle});
    return [this, middle](Session& session) -> Result<void> {
      auto deleted = deleteGroup(
          session, domain(), middle, [](const StoredResource&) -> Result<void> { return {}; }, 99,
          audit());
      if (!deleted) return propagate(deleted);
      return {};
    };
  });
}

TEST_F(PlannedFailureTest, OfAFirstLogin) {
  sweepWrites([&](const auto&, const ResourceId& group) -> Write {
    const auto user = another();
    return [this, user, identity = identityOf(user.meta.id),
            groups = std::vector{groupNumber(group)}](Session& session) {
      return insertProvisionedUser(session, control(), domain(), user.meta, user.write, identity,
                                   groups, recordOf("jit.created"));
    };
  });
}

TEST_F(PlannedFailureTest, OfALoginThatChangesAttributesLinksAndGroups) {
  sweepWrites([&](const ResourceId& user, const auto&) {
    ProvisionUpdate update;
    update.user = another().write;
    update.grant = {groupNumber(addGroup("grants " + user.text()))};
    update.revoke_others = true;
    update.identity = identityOf(user);
    update.new_link = true;
    update.record = [](const GrantsChanged&) { return recordOf("jit.linked"); };
    return onLocked(user, [this, update](Session& session, const LockedUser& locked) {
      auto now = update;
      now.meta = locked.user.resource.meta;
      now.meta.version = Version(now.meta.version.value() + 1);
      now.before = userOf(locked.user.resource.document).write.keys;
      return updateProvisionedUser(session, control(), domain(), locked, now, 99);
    });
  });
}

TEST_F(PlannedFailureTest, OfARemovedLink) {
  sweepWrites([&](const auto&, const auto&) -> Write {
    const auto user = another();
    const auto identity = identityOf(user.meta.id);
    write([&](Session& session) {
      return insertProvisionedUser(session, control(), domain(), user.meta, user.write, identity,
                                   {});
    });
    return [this, identity](Session& session) -> Result<void> {
      auto deleted = deleteIdentity(session, control(), identity.identity_provider,
                                    identity.subject, identity.user);
      if (!deleted) return propagate(deleted);
      return {};
    };
  });
}

TEST_F(PlannedFailureTest, OfAWithdrawnConsent) {
  sweepWrites([&](const ResourceId& user, const auto&) {
    const auto record = *recordOf("").consent;
    write([&](Session& session) { return storeConsent(session, control(), user, record); });
    WithdrawalWrite withdrawal;
    withdrawal.user = another().write;
    withdrawal.event.action = "consent.withdrawn";
    return onLocked(user, [this, record, withdrawal](Session& session, const LockedUser& locked) {
      auto now = withdrawal;
      now.meta = locked.user.resource.meta;
      now.meta.version = Version(now.meta.version.value() + 1);
      now.before = userOf(locked.user.resource.document).write.keys;
      auto receipt = findReceipt(session, control(), record.receipt.id);
      if (!receipt) return Result<void>(propagate(receipt));
      auto revoked = revokeReceipt(session, control(), **receipt, 99);
      if (!revoked) return Result<void>(propagate(revoked));
      return finishWithdrawal(session, control(), domain(), locked, now);
    });
  });
}

/// What outbound targets have been sent, and have to look at.
class PlannedOutboundFailureTest : public PlannedFailureTest {
 protected:
  static constexpr OutboundTargetNumber kTarget = 3;

  void mark(const ResourceId& resource) {
    PlannedFailureTest::write(
        [&](Session& session) { return markOutbound(session, control(), kTarget, {resource}); });
  }
  OutboundTurn claimed(const ResourceId& resource) {
    mark(resource);
    const Lease lease(randomBytes(16));
    PlannedFailureTest::write([&](Session& session) -> Result<void> {
      auto claims = claimOutbound(session, control(), kTarget, lease, std::chrono::seconds(9), 100);
      if (!claims) return propagate(claims);
      return {};
    });
    return {kTarget, std::string(resource.bytes()), 1, lease};
  }
};

TEST_F(PlannedOutboundFailureTest, OfAMarkBesideAChange) {
  sweepWrites([&](const ResourceId& user, const auto&) {
    return onLocked(user, [this, now = another()](Session& session, const LockedUser& locked) {
      auto meta = locked.user.resource.meta;
      meta.version = Version(meta.version.value() + 1);
      AuditEvent event;
      event.resource = meta.id;
      event.outbound = {3, 4};
      return updateLockedUser(session, domain(), locked, meta, now.write, now.write.keys,
                              std::nullopt, {control(), event});
    });
  });
}

TEST_F(PlannedOutboundFailureTest, OfAClaim) {
  sweepWrites([&](const ResourceId& user, const auto&) -> Write {
    mark(user);
    return [this, lease = Lease(randomBytes(16))](Session& session) -> Result<void> {
      auto claims = claimOutbound(session, control(), kTarget, lease, std::chrono::seconds(9), 100);
      if (!claims) return propagate(claims);
      return {};
    };
  });
}

TEST_F(PlannedOutboundFailureTest, OfAReservedLink) {
  sweepWrites([&](const ResourceId& user, const ResourceId& group) -> Write {
    PlannedFailureTest::write([&](Session& session) {
      return noteSentMembers(session, control(), kTarget, group, {{{user, "r1"}}, {}});
    });
    return [this, user](Session& session) {
      return reserveOutboundLink(session, control(), kTarget, user, user.text(), 7);
    };
  });
}

TEST_F(PlannedOutboundFailureTest, OfAnEnd) {
  sweepWrites([&](const ResourceId& user, const ResourceId& group) -> Write {
    OutboundEnd end;
    end.turn = claimed(user);
    end.link = OutboundLink{user.text(), LinkState::kActive, std::string(32, 'd'), "userName"};
    end.mark = {group};
    return [this, end](Session& session) { return finishOutbound(session, control(), end, 7); };
  });
}

TEST_F(PlannedOutboundFailureTest, OfAPostponementAndAFailure) {
  const OutboundFault fault{500, "no"};
  sweepWrites([&](const ResourceId& user, const auto&) -> Write {
    return [this, turn = claimed(user), fault](Session& session) {
      return postponeOutbound(session, control(), turn, fault, std::chrono::seconds(1));
    };
  });
  sweepWrites([&](const ResourceId& user, const auto&) -> Write {
    return [this, turn = claimed(user), fault](Session& session) {
      return failOutbound(session, control(), turn, fault);
    };
  });
}

TEST_F(PlannedOutboundFailureTest, OfToldMembers) {
  sweepWrites([&](const ResourceId& user, const ResourceId& group) -> Write {
    return [this, user, group](Session& session) {
      return noteSentMembers(session, control(), kTarget, group, {{{user, "r1"}}, {}});
    };
  });
}

TEST_F(PlannedFailureTest, OfAnAnnouncedChange) {
  sweepWrites([&](const auto&, const auto&) -> Write {
    return [this, user = another()](Session& session) {
      return insertUser(session, domain(), user.meta, user.write, "hash",
                        {control(), announced(user.meta.id)});
    };
  });
}

TEST_F(PlannedFailureTest, OfADeletionThatGroupsAreToldOf) {
  sweepWrites([&](const ResourceId& user, const auto&) -> Write {
    return [this, user](Session& session) -> Result<void> {
      auto locked = lockUser(session, domain(), user, false);
      if (!locked) return propagate(locked);
      return deleteLockedUser(session, domain(), **locked, 9, {control(), announced(user)});
    };
  });
}

TEST_F(PlannedFailureTest, OfAFanOut) {
  sweepWrites([&](const ResourceId& user, const auto&) -> Write {
    announceChange(user);
    return [this](Session& session) { return fanAll(session); };
  });
}

TEST_F(PlannedFailureTest, OfAPageOfAFeed) {
  sweepWrites([&](const auto&, const auto&) -> Write {
    run(
        {"INSERT IGNORE INTO {control}.event_streams (number, name, settings, version, created, "
         "modified) VALUES (901, 's', '{}', 1, 1, 1)",
         "INSERT INTO {control}.event_outbox (occurred, kinds, domain_number, resource_id, "
         "attributes, correlation_id) VALUES (9000000000000000, 0, 0, REPEAT('\\0', 16), '" +
             walkText({901, 0, {{domain().number}, {}}}) + "', '')"});
    return [this](Session& session) { return fanAll(session); };
  });
}

TEST_F(PlannedFailureTest, OfTheEndOfADelivery) {
  const auto failure = DeliveryFailure{"no", "no", true};
  const std::vector<std::function<Result<void>(Session&, const Claim&, std::uint64_t)>> ends{
      [&](Session& session, const Claim& claim, std::uint64_t seq) -> Result<void> {
        return withoutValue(finishDelivery(session, control(), claim, seq, 9));
      },
      [&](Session& session, const Claim& claim, std::uint64_t seq) -> Result<void> {
        return withoutValue(buryDelivery(session, control(), claim, seq, failure, 9));
      },
      [&](Session& session, const Claim& claim, std::uint64_t seq) -> Result<void> {
        return postponeStream(session, control(), claim, seq, failure, std::chrono::hours(1), 9);
      },
      [&](Session& session, const Claim& claim, std::uint64_t) -> Result<void> {
        return releaseStream(session, control(), claim);
      },
      [&](Session& session, const Claim& claim, std::uint64_t) -> Result<void> {
        auto next = nextDeliveries(session, control(), claim.stream, 1);
        if (!next) return propagate(next);
        return withoutValue(
            settleDeliveries(session, control(), claim.stream, {next->front().event_id}, {}, 9));
      },
      [&](Session& session, const Claim&, std::uint64_t) -> Result<void> {
        return withoutValue(removeOldDeliveries(session, control(), 1'000));
      },
  };
  for (const auto& end : ends) {
    sweepWrites([&](const ResourceId& user, const auto&) -> Write {
      run({"DELETE FROM {control}.event_stream_progress",
           "INSERT INTO {control}.event_stream_progress (stream_number, due, failures, dropped) "
           "VALUES (901, 0, 0, 0)"});
      announceChange(user);
      write([&](Session& session) { return fanAll(session); });
      const Claim claim{901, Lease(std::string(16, 'l')), std::chrono::hours(1)};
      write([&](Session& session) {
        return claimStream(session, control(), {901}, claim.lease, claim.lease_time);
      });
      const auto seq = std::stoull(row("SELECT MAX(seq) FROM {control}.event_deliveries"));
      return [&end, claim, seq](Session& session) { return end(session, claim, seq); };
    });
  }
}

class PlannedControlFailureTest : public ControlTest {
 protected:
  void sweepWrites(const std::function<Write(const std::string& name)>& prepare) {
    sweep(
        *database_, [&] { return prepare("N" + std::to_string(++made_)); },
        [&] {
          std::string all;
          for (const char* table :
               {"control_state", "domains", "identity_providers", "identity_provider_domains",
                "identity_provider_purposes", "consent_purposes", "consent_purpose_versions",
                "api_tokens", "token_issuers", "event_streams", "event_stream_progress",
                "event_keys", "outbound_targets", "outbound_pending", "secrets", "audit_events"}) {
            all += operator_.run("CHECKSUM TABLE " + control_ + "." + table)
                       .front()
                       .at(1)
                       .value_or("NULL") +
                   "\n";
          }
          return all;
        });
  }
  template <typename Value>
  static Result<void> withoutValue(Result<Value> result) {
    if (!result) return propagate(result);
    return {};
  }
  const NamedBySettings named_{{DomainName("PRIMARY")}, {"DEFAULT"}};

 private:
  int made_ = 0;
};

TEST_F(PlannedControlFailureTest, OfANewDomainRow) {
  sweepWrites([&](const std::string& name) -> Write {
    return [this, name](Session& session) {
      return withoutValue(store::insertDomain(session, control_, options_.schema_prefix,
                                              DomainName(name), "", "{}"));
    };
  });
}

TEST_F(PlannedControlFailureTest, OfAChangedDomain) {
  sweepWrites([&](const std::string& name) -> Write {
    const auto version = controlRows().domains.front().version;
    return [this, name, version](Session& session) {
      return withoutValue(
          updateDomain(session, control_, DomainNumber(kPrimaryNumber), version, name, "{}"));
    };
  });
}

TEST_F(PlannedControlFailureTest, OfAnIdentityProvider) {
  sweepWrites([&](const std::string& name) -> Write {
    return [this, name](Session& session) {
      return withoutValue(insertIdentityProvider(session, control_, name, "{}", named_, {"cli"}));
    };
  });
  sweepWrites([&](const std::string& name) -> Write {
    EXPECT_TRUE(write([&](Session& session) {
      return insertIdentityProvider(session, control_, name, "{}", {}, {"cli"});
    }));
    return [this, name](Session& session) {
      return withoutValue(updateIdentityProvider(session, control_, name, Version(1), R"({"a":1})",
                                                 named_, {"cli"}));
    };
  });
  sweepWrites([&](const std::string& name) -> Write {
    EXPECT_TRUE(write([&](Session& session) {
      return insertIdentityProvider(session, control_, name, "{}", named_, {"cli"});
    }));
    return [this, name](Session& session) {
      return deleteIdentityProvider(session, control_, name, {}, {"cli"});
    };
  });
}

TEST_F(PlannedControlFailureTest, OfAConsentPurpose) {
  const ConsentPurposeText text{"{}", "{}"};
  const auto insert = [&](Session& session, const std::string& name) {
    return withoutValue(insertConsentPurpose(session, control_, name, 1, text, {"cli"}));
  };
  const auto made = [&](const std::string& name) {
    EXPECT_TRUE(write([&](Session& session) { return insert(session, name); }));
  };
  sweepWrites([&](const std::string& name) -> Write {
    return [name, insert](Session& session) { return insert(session, name); };
  });
  sweepWrites([&](const std::string& name) -> Write {
    made(name);
    return [this, name, text](Session& session) {
      return withoutValue(updateConsentPurpose(session, control_, name, 1, text, {"cli"}));
    };
  });
  sweepWrites([&](const std::string& name) -> Write {
    made(name);
    return [this, name](Session& session) {
      return deleteConsentPurpose(session, control_, name, {});
    };
  });
}

TEST_F(PlannedControlFailureTest, OfAToken) {
  const auto tokenOf = [](const std::string& name) {
    TokenRow row;
    row.id = toHex(randomBytes(16));
    row.name = name;
    row.sha256 = sha256(row.id);
    row.scopes = "jit";
    return row;
  };
  const AuditEvent event;
  const auto made = [&](const std::string& name) {
    EXPECT_TRUE(write(
        [&](Session& session) { return insertToken(session, control_, tokenOf(name), &event); }));
  };
  sweepWrites([&](const std::string& name) -> Write {
    return [this, &event, row = tokenOf(name)](Session& session) {
      return insertToken(session, control_, row, &event);
    };
  });
  sweepWrites([&](const std::string& name) -> Write {
    made(name);
    return [this, &event, name](Session& session) {
      return withoutValue(updateToken(session, control_, name, {now(), 60}, event));
    };
  });
  sweepWrites([&](const std::string& name) -> Write {
    made(name);
    return [this, &event, name](Session& session) {
      return withoutValue(
          rotateToken(session, control_, name, sha256(name), now(), now(), {}, event));
    };
  });
  sweepWrites([&](const std::string& name) -> Write {
    made(name);
    return [this, &event, name](Session& session) {
      return withoutValue(deleteToken(session, control_, name, event));
    };
  });
}

TEST_F(PlannedControlFailureTest, OfATokenIssuer) {
  const AuditEvent event;
  const auto textOf = [](const std::string& name) {
    return TokenIssuerText{name, "{}", std::vector{DomainNumber(1), DomainNumber(2)}};
  };
  const auto made = [&](const std::string& name) {
    EXPECT_TRUE(write([&](Session& session) {
      return insertTokenIssuer(session, control_, name, textOf(name), event);
    }));
    return controlRows().token_issuers.back().number;
  };
  sweepWrites([&](const std::string& name) -> Write {
    return [this, &event, name, text = textOf(name)](Session& session) {
      return insertTokenIssuer(session, control_, name, text, event);
    };
  });
  sweepWrites([&](const std::string& name) -> Write {
    return [this, &event, number = made(name), text = textOf(name + "x")](Session& session) {
      return updateTokenIssuer(session, control_, number, Version(1), text, event);
    };
  });
  sweepWrites([&](const std::string& name) -> Write {
    return [this, &event, number = made(name)](Session& session) {
      return deleteTokenIssuer(session, control_, number, Version(1), event);
    };
  });
}

TEST_F(PlannedControlFailureTest, OfAnOutboundTarget) {
  const AuditEvent event;
  const auto textOf = [](const std::string& settings) {
    return OutboundTargetText{settings, "secret", std::vector{DomainNumber(1)}, true};
  };
  const auto made = [&](const std::string& name) {
    EXPECT_TRUE(write([&](Session& session) {
      return insertOutboundTarget(session, control_, name, textOf("{}"), event);
    }));
    return controlRows().outbound_targets.back().number;
  };
  sweepWrites([&](const std::string& name) -> Write {
    return [this, &event, name, text = textOf("{}")](Session& session) {
      return insertOutboundTarget(session, control_, name, text, event);
    };
  });
  sweepWrites([&](const std::string& name) -> Write {
    return [this, &event, number = made(name), text = textOf(name)](Session& session) {
      return updateOutboundTarget(session, control_, number, Version(1), text, event);
    };
  });
  sweepWrites([&](const std::string& name) -> Write {
    return [this, &event, number = made(name)](Session& session) {
      return deleteOutboundTarget(session, control_, number, Version(1), event);
    };
  });
}

TEST_F(PlannedControlFailureTest, OfAnEventStream) {
  const AuditEvent event;
  const auto textOf = [](const std::string& name) {
    return EventStreamText{"{\"name\":\"" + name + "\"}", std::vector{DomainNumber(1)}, "a", "b"};
  };
  const auto made = [&](const std::string& name) {
    EXPECT_TRUE(write([&](Session& session) {
      return insertEventStream(session, control_, name, textOf(name), {}, event);
    }));
    return controlRows().event_streams.back().number;
  };
  sweepWrites([&](const std::string& name) -> Write {
    return [this, &event, name, text = textOf(name)](Session& session) {
      return insertEventStream(session, control_, name, text, {{DomainNumber(1)}, {}}, event);
    };
  });
  sweepWrites([&](const std::string& name) -> Write {
    return [this, &event, number = made(name), text = textOf(name + "x")](Session& session) {
      return updateEventStream(session, control_, number, Version(1), text, {{}, {DomainNumber(1)}},
                               event);
    };
  });
  sweepWrites([&](const std::string& name) -> Write {
    return [this, &event, number = made(name)](Session& session) {
      return deleteEventStream(session, control_, number, Version(1), event);
    };
  });
  sweepWrites([&](const std::string&) -> Write {
    return [this, &event, secret = randomBytes(32)](Session& session) {
      return rotateEventKey(session, control_, secret, Timestamp{0}, event);
    };
  });
}

TEST_F(PlannedControlFailureTest, OfSecretsThatAreSealedAnewOrLost) {
  options_.secret_keys =
      std::make_shared<const SecretKeys>(*SecretKeys::parse(SecretKeys::newKey()));
  database_ = databaseWith(options_);
  const AuditEvent event;
  ASSERT_TRUE(sharedSecret(*database_, "list-cursor"));
  ASSERT_TRUE(write([&](Session& session) {
    return insertEventStream(session, control_, "hook", {"{}", {}, "authorization", "secret"}, {},
                             event);
  }));
  ASSERT_TRUE(write([&](Session& session) {
    return insertOutboundTarget(session, control_, "hr", {"{}", "secret", {}, true}, event);
  }));
  sweepWrites([&](const std::string&) -> Write {
    return [this, &event](Session& session) {
      return withoutValue(sealSecrets(session, control_, session.secretKeys(), event));
    };
  });
  const auto lost =
      SecretKeys::parse(SecretKeys::newKey())->seal(randomBytes(32), "nobody has its key");
  sweepWrites([&](const std::string& name) -> Write {
    // Those that a failure has left behind would be one statement more each.
    operator_.run("DELETE FROM " + control_ + ".secrets WHERE name <> 'list-cursor'");
    operator_.run("INSERT INTO " + control_ + ".secrets (name, value) VALUES (?, ?)",
                  {std::string_view(name), Blob{lost}});
    return [this, &event, &lost](Session& session) {
      return withoutValue(discardLostKeys(session, control_, {SecretKeys::keyIdOf(lost)}, event));
    };
  });
}

}  // namespace
}  // namespace vestibule::store::test
