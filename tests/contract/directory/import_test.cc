// Lines of files as users and groups: what is rejected alone, what is stored once, and what comes
// out of an export again.

#include <atomic>
#include <thread>

#include "contract/directory/directory_test.h"
#include "directory/group_import.h"
#include "directory/import_run.h"
#include "directory/resource_export.h"
#include "directory/user_import.h"
#include "json/parse.h"
#include "policy/password_hash.h"
#include "store/import_store.h"

namespace vestibule::directory::test {
namespace {

constexpr const char* kHash =
    "$argon2id$v=19$m=16,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
    "Rw3hs4Jpcqq1U9fcgkdLlBCdKDEPQ8ZeVs1DdDGsJHs";

std::string userLine(const std::string& name, const std::string& more = "") {
  return R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":")" + name + "\"" +
         more + "}";
}

class ImportTest : public DirectoryTest {
 protected:
  static std::vector<ImportLine> linesOf(const std::vector<std::string>& texts) {
    std::vector<ImportLine> lines;
    std::uint64_t number = 0;
    for (const auto& text : texts) lines.push_back({++number, json::parse(text)});
    return lines;
  }

  ImportedLines importUsers(const std::vector<std::string>& texts,
                            const UserImportRules& rules = {}, const std::string& domain = "CORP") {
    const auto view = inDomain(domain);
    return must(UserImport(context_, view, rules).run(linesOf(texts), nullptr));
  }

  std::string exported(const View& view, const ExportRequest& request = {}) {
    std::string text;
    ExportSink sink;
    sink.write = [&](std::string_view piece) -> Result<void> {
      text += piece;
      return {};
    };
    EXPECT_TRUE(must(exportResources(context_, view, request, sink)).finished);
    return text;
  }
  static std::vector<std::string> linesIn(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
      const auto end = text.find('\n', at);
      lines.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return lines;
  }
  /// A line without what another domain gives it anew.
  static std::string withoutOwn(const std::string& line) {
    auto object = *parsed(line).object();
    object.erase("id");
    object.erase("meta");
    return json::write(object);
  }
};

TEST_F(ImportTest, RejectsALineAloneAndStoresItsNeighbours) {
  user(inDomain("CORP"), "taken");
  const auto imported = importUsers({userLine("first"), "{oops", userLine("taken"), "[]",
                                     userLine("second", R"(,"emails":"x")"), userLine("third"),
                                     userLine("first"), R"({"userName":"unschemed"})"});
  EXPECT_EQ(imported.counts, (store::ImportCounts{2, 0, 0, 6}));
  const auto report = linesIn(imported.report);
  ASSERT_EQ(report.size(), 6U);
  const std::vector<std::pair<int, std::string>> wanted = {
      {2, "invalidSyntax"}, {3, "uniqueness"}, {4, "invalidSyntax"},
      {5, "invalidValue"},  {7, "uniqueness"}, {8, "invalidSyntax"}};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto line = parsed(report[i]);
    EXPECT_EQ(*line.find("line")->number()->asInt64(), wanted[i].first);
    EXPECT_EQ(line.stringAt("scimType"), wanted[i].second) << report[i];
  }
  EXPECT_EQ(foundUsers(inDomain("CORP"), "userName pr"), 3);
}

TEST_F(ImportTest, StoresWhatACreateStores) {
  const auto more =
      std::string(R"(,"externalId":"e","emails":[{"value":"A@x.org","type":"work"}])");
  importUsers({userLine("imported", more)});
  const auto created = user(inDomain("CORP"), "created", more);
  const auto columns = [&](const std::string& name) {
    return ask("SELECT CONCAT_WS('|', HEX(external_id_key), version, REPLACE(document, '" + name +
               "', ''), (SELECT GROUP_CONCAT(attribute, HEX(value_key) ORDER BY 1) FROM "
               "{s}_corp_2.user_attributes a WHERE a.user_seq = u.seq)) FROM {s}_corp_2.users u "
               "WHERE user_name_fold = '" +
               name + "'");
  };
  EXPECT_FALSE(columns("imported").empty());
  EXPECT_EQ(columns("imported"), columns("created"));
  EXPECT_EQ(ask("SELECT COUNT(*) FROM {s}_control.audit_events WHERE action = 'user.created' AND "
                "version_after = 1 AND domain_name = 'CORP'"),
            "2");
  EXPECT_EQ(ask("SELECT COUNT(DISTINCT changes) FROM {s}_control.audit_events WHERE action = "
                "'user.created'"),
            "1");
}

TEST_F(ImportTest, ChecksPoliciesAndHashesPasswords) {
  const auto weak = userLine("weak", R"(,"password":"x")");
  const auto strong = userLine("strong", R"(,"password":"Correct-Horse-1")");
  const auto imported = importUsers({weak, strong});
  EXPECT_EQ(imported.counts, (store::ImportCounts{1, 0, 0, 1}));
  EXPECT_EQ(imported.report.find("Correct"), std::string::npos);
  EXPECT_TRUE(policy::verifyPassword(
      Secret("Correct-Horse-1"),
      ask("SELECT password_hash FROM {s}_corp_2.users WHERE user_name_fold = 'strong'")));
}

TEST_F(ImportTest, TakesPasswordsThatAreHashedWhenAsked) {
  const auto line = userLine("moved", std::string(R"(,"password":")") + kHash + "\"");
  UserImportRules rules;
  rules.password_hashes = true;
  EXPECT_EQ(importUsers({line}, rules).counts.created, 1U);
  EXPECT_EQ(ask("SELECT password_hash FROM {s}_corp_2.users WHERE user_name_fold = 'moved'"),
            kHash);
  ExportRequest request;
  EXPECT_EQ(exported(inDomain("CORP"), request).find("argon2"), std::string::npos);
  request.password_hashes = true;
  EXPECT_NE(exported(inDomain("CORP"), request).find(kHash), std::string::npos);
}

TEST_F(ImportTest, ReplacesByNameExternalIdOrId) {
  const auto id = user(inDomain("CORP"), "one", R"(,"externalId":"e1","title":"old")");
  UserImportRules rules;
  rules.mode = ImportMode::kUpsert;
  EXPECT_EQ(
      importUsers({userLine("one", R"(,"externalId":"e1","title":"new")"), userLine("two")}, rules)
          .counts,
      (store::ImportCounts{1, 1, 0, 0}));
  EXPECT_EQ(readUser(inDomain("CORP"), id).stringAt("title"), "new");
  rules.match = store::UserMatch::kExternalId;
  EXPECT_EQ(importUsers({userLine("renamed", R"(,"externalId":"e1")")}, rules).counts,
            (store::ImportCounts{0, 1, 0, 0}));
  EXPECT_EQ(readUser(inDomain("CORP"), id).stringAt("userName"), "renamed");
  rules.match = store::UserMatch::kId;
  rules.mode = ImportMode::kReplace;
  const auto by_id = R"(,"id":")" + id + "\"";
  EXPECT_EQ(importUsers({userLine("again", by_id), userLine("nobody")}, rules).counts,
            (store::ImportCounts{0, 1, 0, 1}));
  EXPECT_EQ(importUsers({userLine("again", by_id)}, rules).counts,
            (store::ImportCounts{0, 0, 1, 0}));
  EXPECT_EQ(importUsers({userLine("two", by_id)}, rules).counts, (store::ImportCounts{0, 0, 0, 1}))
      << "the name is another user's";
  EXPECT_EQ(readUser(inDomain("CORP"), id).find("meta")->stringAt("version"), "W/\"4\"");
}

TEST_F(ImportTest, TakesTwoLinesOfOneUserInOrder) {
  UserImportRules rules;
  rules.mode = ImportMode::kUpsert;
  EXPECT_EQ(importUsers({userLine("twin", R"(,"title":"first")"), userLine("other"),
                         userLine("twin", R"(,"title":"second")")},
                        rules)
                .counts,
            (store::ImportCounts{2, 1, 0, 0}));
  EXPECT_EQ(foundUsers(inDomain("CORP"), R"(userName eq "twin" and title eq "second")"), 1);
}

TEST_F(ImportTest, KeepsIdsOfTheDomainAlone) {
  UserImportRules rules;
  rules.keep_ids = true;
  const auto id = ResourceId::generate(DomainNumber(2), ResourceKind::kUser).text();
  const auto foreign = ResourceId::generate(DomainNumber(1), ResourceKind::kUser).text();
  EXPECT_EQ(importUsers({userLine("kept", R"(,"id":")" + id + "\""),
                         userLine("same", R"(,"id":")" + id + "\""),
                         userLine("foreign", R"(,"id":")" + foreign + "\"")},
                        rules)
                .counts.rejected,
            2U);
  EXPECT_EQ(readUser(inDomain("CORP"), id).stringAt("userName"), "kept");
}

TEST_F(ImportTest, StoresNothingInADryRunAndInADomainThatIsReadOnly) {
  UserImportRules rules;
  rules.writes = false;
  EXPECT_EQ(importUsers({userLine("dry"), "{"}, rules).counts, (store::ImportCounts{1, 0, 0, 1}));
  EXPECT_EQ(foundUsers(inDomain("CORP"), "userName pr"), 0);
  EXPECT_EQ(ask("SELECT COUNT(*) FROM {s}_control.audit_events WHERE action = 'user.created'"),
            "0");
  must(changeDomain(context_, DomainNumber(2),
                    *parsed(R"({"settings": {"ReadOnly": true}})").object(), {}));
  const auto view = inDomain("CORP");
  const auto refused = UserImport(context_, view, {}).run(linesOf({userLine("x")}), nullptr);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kReadOnly);
}

/// A whole run over numbered users in batches of ten, on three connections.
class ImportRunTest : public ImportTest {
 protected:
  Result<ImportProgress> run(std::uint64_t import, std::uint64_t stop_behind = UINT64_MAX) {
    std::uint64_t next = 0;
    std::atomic<bool> stop{false};
    ImportPlan plan;
    plan.read = [&]() -> Result<std::vector<scim::Record>> {
      std::vector<scim::Record> records;
      for (; next < kLines && records.size() < 10; ++next) {
        const auto name = next % 25 == 3 ? std::string() : "u" + std::to_string(next);
        records.push_back({next + 1, {userLine(name)}, std::nullopt});
      }
      return records;
    };
    plan.decode = [](const scim::Record& record) { return json::parse(record.fields.front()); };
    plan.taker = [&]() -> Result<TakeLines> {
      auto view = std::make_shared<View>(inDomain("CORP"));
      auto import_of_thread = std::make_shared<UserImport>(context_, *view, UserImportRules());
      return TakeLines([view, import_of_thread](auto lines, auto* mark) {
        return import_of_thread->run(std::move(lines), mark);
      });
    };
    plan.jobs = 3;
    plan.import_seq = import;
    plan.stop = &stop;
    plan.stored = [&](const ImportProgress& progress, std::uint64_t, const std::string&) {
      if (progress.counts.all() >= stop_behind) stop = true;
    };
    return runImport(context_, plan);
  }
  std::uint64_t begin() {
    return must(database_->write([&](store::Session& session) {
      return store::beginImport(session, database_->controlSchema(),
                                {std::string(32, 'f'), DomainNumber(2), 1});
    }));
  }

  static constexpr std::uint64_t kLines = 1'000;
  static constexpr store::ImportCounts kAll{960, 0, 0, 40};
};

TEST_F(ImportRunTest, StoresEachLineOnceHoweverOftenItIsStopped) {
  const auto import = begin();
  int runs = 0;
  for (std::uint64_t stop = 100;; stop += 250) {
    const auto progress = must(run(import, stop));
    ++runs;
    EXPECT_EQ(ask("SELECT COUNT(*) FROM {s}_corp_2.users"),
              std::to_string(progress.counts.created));
    if (!progress.finished) continue;
    EXPECT_EQ(progress.counts, kAll);
    EXPECT_EQ(progress.with_rejected.size(), 40U);
    break;
  }
  EXPECT_GT(runs, 2);
  EXPECT_EQ(ask("SELECT COUNT(*) FROM {s}_control.audit_events WHERE action = 'user.created'"),
            "960");
  EXPECT_EQ(must(run(import)).counts, kAll) << "once more changes nothing";
  std::string report;
  for (const auto& piece : must(database_->read([&](store::Session& session) {
         return store::listImportReports(session, database_->controlSchema(), import, 1, 0, 1'000);
       }))) {
    report += piece.text;
  }
  EXPECT_EQ(linesIn(report).size(), 40U);
  EXPECT_EQ(*parsed(linesIn(report)[1]).find("line")->number()->asInt64(), 29);
}

TEST_F(ImportRunTest, EndsWhereAnotherProcessRunsTheSameImport) {
  const auto import = begin();
  must(database_->write([&](store::Session& session) {
    return store::markImportBatch(session, database_->controlSchema(),
                                  {import, 1, 0, {10, 0, 0, 0}, {}});
  }));
  // The mark of a batch that this run has not seen when it began.
  const auto view = inDomain("CORP");
  store::ImportBatchMark mark{import, 1, 0, {}, {}};
  const auto taken = UserImport(context_, view, {}).run(linesOf({userLine("x")}), &mark);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(foundUsers(view, "userName pr"), 0);
}

TEST_F(ImportTest, BringsAnExportIntoAnotherDomain) {
  const auto from = inDomain("CORP");
  importUsers(
      {userLine("zoë", R"(,"name":{"familyName":"O\"Brien, \n"},"active":false)"),
       userLine("two", R"(,"emails":[{"value":"a@x.org"},{"value":"b@x.org","type":"home"}])")});
  const auto text = exported(from);
  must(createDomain(context_, must(store::readMigrations(VESTIBULE_SOURCE_DIR "/sql")),
                    parsed(R"({"name": "OTHER", "settings":
        {"UsernameJavaRegEx": "^.+$", "UsernameJavaScriptRegEx": "^.+$"}})")));
  EXPECT_EQ(importUsers(linesIn(text), {}, "OTHER").counts, (store::ImportCounts{2, 0, 0, 0}));
  const auto before = linesIn(text);
  const auto after = linesIn(exported(inDomain("OTHER")));
  ASSERT_EQ(before.size(), after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(withoutOwn(before[i]), withoutOwn(after[i]));
  }
}

TEST_F(ImportTest, ExportsEachUserOnceWhileOthersComeAndGo) {
  std::vector<std::string> lines;
  for (int i = 0; i < 1'300; ++i) lines.push_back(userLine("stays" + std::to_string(i)));
  for (int i = 0; i < 200; ++i) lines.push_back(userLine("goes" + std::to_string(i)));
  importUsers(lines);
  const auto view = inDomain("CORP");
  ExportSink sink;
  std::string text;
  int page = 0;
  sink.write = [&](std::string_view piece) -> Result<void> {
    text += piece;
    return {};
  };
  // Between two pages.
  sink.progress = [&](const ExportProgress&) {
    ++page;
    user(view, "comes" + std::to_string(page));
    ask("DELETE FROM {s}_corp_2.users WHERE user_name_fold LIKE 'goes" + std::to_string(page) +
        "%'");
  };
  must(exportResources(context_, view, {}, sink));
  std::vector<std::string> names;
  for (const auto& line : linesIn(text)) names.emplace_back(*parsed(line).stringAt("userName"));
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end()) << "one is there twice";
  EXPECT_EQ(std::count_if(names.begin(), names.end(),
                          [](const auto& name) { return name.starts_with("stays"); }),
            1'300);
}

TEST_F(ImportTest, ChoosesWhatIsExported) {
  importUsers({userLine("alpha", R"(,"title":"x")"), userLine("beta")});
  ExportRequest request;
  request.filter = "title pr";
  request.attributes = {"userName"};
  const auto lines = linesIn(exported(inDomain("CORP"), request));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(parsed(lines[0]).stringAt("userName"), "alpha");
  EXPECT_EQ(parsed(lines[0]).find("title"), nullptr);
  request = {};
  request.csv = true;
  request.columns = {"userName", "title"};
  EXPECT_EQ(exported(inDomain("CORP"), request), "userName,title\nalpha,x\nbeta,\n");
  request.columns = {"nothing"};
  const auto view = inDomain("CORP");
  const auto refused = exportResources(
      context_, view, request, {[](std::string_view) { return Result<void>(); }, nullptr, nullptr});
  EXPECT_FALSE(refused);
}

class GroupImportTest : public ImportTest {
 protected:
  ImportedLines makeAndFill(const std::vector<std::string>& texts,
                            const GroupImportRules& rules = {},
                            const std::string& domain = "CORP") {
    const auto view = inDomain(domain);
    GroupImport import(context_, view, rules);
    auto made = must(import.makeGroups(linesOf(texts), nullptr));
    auto filled = must(import.addMembers(linesOf(texts), nullptr));
    made.counts.replaced += filled.counts.replaced;
    made.counts.rejected += filled.counts.rejected;
    made.report += filled.report;
    return made;
  }
};

TEST_F(GroupImportTest, GivesGroupsTheirMembersByNameWhateverTheirOrder) {
  importUsers({userLine("ann"), userLine("bob")});
  GroupImportRules rules;
  rules.members_by = MembersBy::kName;
  const auto imported = makeAndFill(
      {R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Outermost",
           "members":[{"display":"Innermost","type":"Group"},{"display":"nobody"}]})",
       R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Innermost",
           "members":[{"display":"Ann"}]})",
       R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"displayName":"Innermost",
           "Operations":[{"op":"add","path":"members","value":[{"display":"bob"}]}]})"},
      rules);
  EXPECT_EQ(imported.counts.created, 2U);
  EXPECT_NE(imported.report.find("1 of 2 members are not in this domain"), std::string::npos);
  const auto view = inDomain("CORP");
  EXPECT_EQ(ask("SELECT COUNT(*) FROM {s}_corp_2.memberships"), "2");
  EXPECT_EQ(ask("SELECT COUNT(*) FROM {s}_corp_2.group_nesting"), "1");
}

TEST_F(GroupImportTest, DividesALargeGroupAndPutsItTogetherAgain) {
  std::vector<std::string> lines;
  for (int i = 0; i < 2'100; ++i) lines.push_back(userLine("m" + std::to_string(i)));
  importUsers(lines);
  const auto view = inDomain("CORP");
  const auto id = group(view, "Everybody");
  ask("INSERT INTO {s}_corp_2.memberships SELECT (SELECT seq FROM {s}_corp_2.user_groups), seq, 1 "
      "FROM {s}_corp_2.users");
  ExportRequest request;
  request.kind = ResourceKind::kGroup;
  const auto exported_lines = linesIn(exported(view, request));
  EXPECT_EQ(exported_lines.size(), 3U);
  must(deleteGroup(context_, view, id, {}));
  EXPECT_EQ(makeAndFill(exported_lines).counts, (store::ImportCounts{1, 3, 2, 0}));
  EXPECT_EQ(ask("SELECT COUNT(*) FROM {s}_corp_2.memberships"), "2100");
  EXPECT_EQ(ask("SELECT version FROM {s}_corp_2.user_groups"), "4");
  GroupImportRules rules;
  rules.mode = ImportMode::kUpsert;
  makeAndFill({exported_lines.front()}, rules);
  EXPECT_EQ(ask("SELECT COUNT(*) FROM {s}_corp_2.memberships"), "1000") << "replaced by the line";
}

TEST_F(GroupImportTest, LeavesAGroupAloneThatWasThereBefore) {
  importUsers({userLine("ann")});
  const auto view = inDomain("CORP");
  group(view, "Existing");
  GroupImport import(context_, view, {});
  const std::string line =
      R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"existing"})";
  EXPECT_EQ(must(import.makeGroups(linesOf({line}), nullptr)).counts.rejected, 1U);
  import.passOver(json::parse(line), true);
  const auto more =
      R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"displayName":"Existing",
          "Operations":[{"op":"add","path":"members","value":[]}, {"op":"add","path":"members",
          "value":[{"value":"x"}]}]})";
  EXPECT_EQ(must(import.addMembers(linesOf({more}), nullptr)).counts.rejected, 1U);
}

TEST_F(GroupImportTest, StoresAGroupWithItsMark) {
  const auto import_seq = must(database_->write([&](store::Session& session) {
    return store::beginImport(session, database_->controlSchema(),
                              {std::string(32, 'g'), DomainNumber(2), 1});
  }));
  const auto view = inDomain("CORP");
  GroupImport import(context_, view, {});
  store::ImportBatchMark mark{import_seq, 1, 4, {}, {}};
  const std::string line =
      R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Marked"})";
  must(import.makeGroups(linesOf({line}), &mark));
  EXPECT_EQ(ask("SELECT CONCAT(batch, ' ', created) FROM {s}_control.import_batches"), "4 1");
}

}  // namespace
}  // namespace vestibule::directory::test
