// Moving a domain to another installation: no acknowledged write is lost, and a move that stops
// anywhere goes on, or is undone.

#include "store/domain_transfer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "contract/store/backup_fixture.h"

namespace vestibule::store::test {
namespace {

class DomainTransferTest : public BackupTest {
 protected:
  DomainTransferTest() { prepareOther(); }

  Result<TransferReport> move(std::function<Result<void>(TransferStep)> reached = nullptr) {
    TransferOptions options;
    options.hearing = std::chrono::milliseconds(0);
    options.program = "test";
    options.reached = std::move(reached);
    return transferDomain(
        *database_, *other_.database_, migrations_, kCorp,
        {eventCalled("domain.moving"), eventCalled("domain.received"), eventCalled("domain.moved")},
        options);
  }
  Result<TransferReport> moveUntil(TransferStep last) {
    return move([last](TransferStep step) -> Result<void> {
      if (step == last) return failure(ErrorKind::kUnavailable, "stopped");
      return {};
    });
  }
  Result<void> abort(bool with_target = true) {
    return abortTransfer(*database_, with_target ? other_.database_.get() : nullptr, kCorp,
                         eventCalled("domain.move-aborted"));
  }
  std::string here() { return value("SELECT state FROM {control}.domains WHERE name = 'CORP'"); }
  std::string there() {
    return other_.value("SELECT state FROM {control}.domains WHERE name = 'CORP'");
  }
  std::uint64_t usersThere() {
    const auto schema = other_.controlRows().domains.at(1).tables.schema;
    return std::stoull(other_.value("SELECT COUNT(*) FROM " + schema + ".users"));
  }

  static constexpr TransferStep kSteps[] = {TransferStep::kAnnounced, TransferStep::kFenced,
                                            TransferStep::kCopied,    TransferStep::kCompared,
                                            TransferStep::kServed,    TransferStep::kFinished};
};

TEST_F(DomainTransferTest, AMovedDomainIsServedThereAndKeptHereUntilItIsDeleted) {
  auto report = move();
  ASSERT_TRUE(report) << report.error().detail << report.error().internal;
  EXPECT_FALSE(report->resumed);
  EXPECT_EQ(here(), "moved");
  EXPECT_EQ(there(), "active");
  EXPECT_EQ(usersThere(), 40U);
  EXPECT_EQ(other_.value("SELECT COUNT(*) FROM {control}.federated_identities WHERE idp_number = "
                         "31"),
            "40");
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.audit_events WHERE action IN ('domain.moving', "
                  "'domain.moved') AND domain_number = 2"),
            "2");
  EXPECT_EQ(other_.value("SELECT COUNT(*) FROM {control}.audit_events WHERE action = "
                         "'domain.received'"),
            "1");
  ASSERT_TRUE(removeDomain("CORP"));
  EXPECT_EQ(schemas().size(), 2U);
  EXPECT_EQ(usersThere(), 40U);
}

TEST_F(DomainTransferTest, StoppedBehindEachStepItGoesOn) {
  for (const auto step : kSteps) {
    auto stopped = moveUntil(step);
    ASSERT_FALSE(stopped) << nameOf(step);
    auto report = move();
    ASSERT_TRUE(report) << nameOf(step) << report.error().detail << report.error().internal;
    EXPECT_TRUE(report->resumed) << nameOf(step);
    EXPECT_EQ(here(), "moved") << nameOf(step);
    EXPECT_EQ(there(), "active") << nameOf(step);
    EXPECT_EQ(usersThere(), 40U) << nameOf(step);
    EXPECT_EQ(other_.value("SELECT COUNT(*) FROM {control}.federated_identities"), "40");
    // Back, over what was kept there, so that the next step has something to move.
    std::swap(database_, other_.database_);
    auto back = move();
    ASSERT_TRUE(back) << nameOf(step) << back.error().detail << back.error().internal;
    EXPECT_FALSE(back->resumed);
    std::swap(database_, other_.database_);
    EXPECT_EQ(here(), "active") << nameOf(step);
    EXPECT_EQ(there(), "moved") << nameOf(step);
  }
  // History came and went with the domain, each event once.
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.audit_events WHERE action = 'user.created'"),
            "40");
}

TEST_F(DomainTransferTest, UntilTheTargetServesItAMoveCanBeUndone) {
  for (const auto step : kSteps) {
    ASSERT_FALSE(moveUntil(step)) << nameOf(step);
    if (step >= TransferStep::kServed) {
      EXPECT_FALSE(abort()) << nameOf(step);
      break;
    }
    auto aborted = abort();
    ASSERT_TRUE(aborted) << nameOf(step) << aborted.error().detail << aborted.error().internal;
    EXPECT_EQ(here(), "active") << nameOf(step);
    EXPECT_EQ(there(), "(none)") << nameOf(step);
    EXPECT_EQ(controlRows().domains[1].tables.schema, corp_.tables.schema);
    EXPECT_EQ(schemas().size(), 3U) << nameOf(step);
    EXPECT_EQ(operator_.value("SELECT COUNT(*) FROM " + corp_.tables.schema + ".users"), "40");
    EXPECT_EQ(other_.value("SELECT COUNT(*) FROM {control}.federated_identities"), "0");
  }
  ASSERT_TRUE(move());
}

TEST_F(DomainTransferTest, BehindTheFenceNobodyWritesAndWhoKnowsOfItReads) {
  ASSERT_FALSE(moveUntil(TransferStep::kFenced));
  // As a process would that has not heard of the move.
  auto late = database_->write([&](Session& session) -> Result<void> {
    StatementBatch batch;
    batch.begin().add("DELETE FROM " + corp_.tables.schema + ".users");
    auto results = batch.commit().run(session);
    if (!results) return propagate(results);
    return {};
  });
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::kUnavailable);
  const auto row = controlRows().domains[1];
  EXPECT_EQ(row.state, "moving");
  EXPECT_EQ(operator_.value("SELECT COUNT(*) FROM " + row.tables.schema + ".users"), "40");
  EXPECT_FALSE(removeDomain("CORP")) << "a domain that is being moved is not deleted";
}

TEST_F(DomainTransferTest, TheFenceWaitsForTransactionsUnderWayAndTheirWritesAreMoved) {
  Operator writer(options_);
  const auto id = ResourceId::generate(corp_.tables.number, ResourceKind::kUser);
  writer.run("BEGIN");
  writer.run("INSERT INTO " + corp_.tables.schema +
                 ".users (seq, id, user_name_fold, user_name_case, version, created, modified, "
                 "document) VALUES (999, ?, 'late', '', 1, 1, 1, '{}')",
             {Blob{id.bytes()}});
  Result<TransferReport> report = failure(ErrorKind::kInternal, "not run");
  std::thread mover([&] { report = move(); });
  operator_.waitFor(
      "SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE "
      "'Waiting for table metadata lock%' AND info LIKE CONCAT('RENAME TABLE `', ?, "
      "'%')",
      "1", {std::string_view(options_.schema_prefix)});
  writer.run("COMMIT");
  mover.join();
  ASSERT_TRUE(report) << report.error().detail << report.error().internal;
  EXPECT_EQ(usersThere(), 41U);
}

TEST_F(DomainTransferTest, Fault12_OfWritersThatNeverHearOfTheMoveNoAcknowledgedWriteIsLost) {
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> acknowledged{0};
  std::vector<std::thread> writers;
  for (std::uint64_t writer = 0; writer < 3; ++writer) {
    writers.emplace_back([&, writer] {
      for (std::uint64_t i = 0; !stop; ++i) {
        const auto id = ResourceId::generate(corp_.tables.number, ResourceKind::kUser);
        const auto name = std::to_string(writer) + "-" + std::to_string(i);
        auto written = database_->write([&](Session& session) -> Result<void> {
          StatementBatch batch;
          batch.begin().add("INSERT INTO " + corp_.tables.schema +
                                ".users (id, user_name_fold, user_name_case, version, created, "
                                "modified, document) VALUES (?, ?, '', 1, 1, 1, '{}')",
                            {Blob{id.bytes()}, Blob{name}});
          auto results = batch.commit().run(session);
          if (!results) return propagate(results);
          return {};
        });
        if (written) ++acknowledged;
      }
    });
  }
  while (acknowledged < 50) std::this_thread::yield();
  auto report = move();
  stop = true;
  for (auto& writer : writers) writer.join();
  ASSERT_TRUE(report) << report.error().detail << report.error().internal;
  EXPECT_EQ(usersThere(), 40 + acknowledged);
}

TEST_F(DomainTransferTest, WhatTheTargetLacksIsSaidBeforeAnybodyIsRefusedAnything) {
  runOn(other_.operator_, other_.control_, "DELETE FROM {control}.identity_providers");
  auto report = move();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, ErrorKind::kConflict);
  EXPECT_NE(report.error().detail.find("okta"), std::string::npos);
  EXPECT_EQ(here(), "active");
}

TEST_F(DomainTransferTest, NeitherPrimaryNorToItself) {
  auto itself = transferDomain(*database_, *databaseWith(options_), migrations_, kCorp, {}, {});
  ASSERT_FALSE(itself);
  EXPECT_EQ(itself.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(here(), "active");
  auto primary =
      transferDomain(*database_, *other_.database_, migrations_, DomainName("PRIMARY"), {}, {});
  ASSERT_FALSE(primary);
  EXPECT_EQ(primary.error().kind, ErrorKind::kConflict);
}

}  // namespace
}  // namespace vestibule::store::test
