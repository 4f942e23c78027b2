#include "contract/store/store_fixture.h"

#include <unistd.h>

#include <barrier>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "base/unicode.h"
#include "json/write.h"
#include "scim/resource/validate.h"
#include "scim/schema/comparison_key.h"
#include "store/statement_text.h"
#include "support/device_schemas.h"
#include "support/private_database.h"
#include "support/scim_schemas.h"
#include "support/team_schemas.h"

namespace vestibule::store::test {
namespace {

const DomainNumber kDomain(7);

/// The steps of all migrations in a folder, in order.
std::vector<std::string> stepsOf(const std::string& kind) {
  std::set<std::filesystem::path> files;
  const auto folder = std::filesystem::path(VESTIBULE_SOURCE_DIR) / "sql" / kind;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.insert(entry.path());
  std::vector<std::string> steps;
  for (const auto& file : files) {
    std::ifstream in(file);
    std::string step;
    for (std::string line; std::getline(in, line);) {
      if (line == "--;") {
        steps.push_back(std::exchange(step, {}));
      } else {
        step += line + "\n";
      }
    }
    steps.push_back(step);
  }
  return steps;
}

std::string replaced(std::string text, std::string_view what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what)) {
    text.replace(at, what.size(), by);
  }
  return text;
}

DatabaseOptions optionsForTests() {
  DatabaseOptions options;
  options.url = vestibule::test::privateDatabaseUrl();
  options.schema_prefix = "t" + std::to_string(::getpid());
  options.sessions = 70;
  options.lease_wait = std::chrono::milliseconds(10'000);
  options.lock_wait_seconds = 20;
  options.read_seconds = 60;
  return options;
}

}  // namespace

StoreTest::StoreTest()
    : database_(valueOf(Database::create(optionsForTests()))),
      domain_{kDomain, "`" + database_->options().schema_prefix + "_domain`"},
      control_(database_->controlSchema()) {
  // The tests of a process share the schemas, and each begins with empty tables.
  static const bool kMade = [this] {
    make(control_, "control");
    make(domain_.schema, "domain");
    return true;
  }();
  EXPECT_TRUE(kMade);
  run({"DELETE FROM {domain}.users",
       "DELETE FROM {domain}.user_groups",
       "DELETE FROM {domain}.group_ancestors",
       "DELETE FROM {domain}.resources",
       "DELETE FROM {control}.federated_identities",
       "DELETE FROM {control}.operations",
       "DELETE FROM {control}.prompts",
       "DELETE FROM {control}.audit_events",
       "DELETE FROM {control}.audit_traces",
       "DELETE FROM {control}.consent_decisions",
       "DELETE FROM {control}.consent_receipts",
       "DELETE FROM {domain}.guard_rails",
       "DELETE FROM {control}.outbound_targets",
       "DELETE FROM {control}.outbound_pending",
       "DELETE FROM {control}.outbound_links",
       "DELETE FROM {control}.outbound_members",
       "DELETE FROM {control}.imports",
       "DELETE FROM {control}.domains",
       "DELETE FROM {control}.event_outbox",
       "DELETE FROM {control}.event_deliveries",
       "DELETE FROM {control}.event_stream_progress",
       "DELETE FROM {control}.event_streams",
       "DELETE FROM {control}.event_keys"});
}

void StoreTest::run(const std::vector<std::string>& statements) {
  write([&](Session& session) -> Result<void> {
    for (const auto& statement : statements) {
      StatementBatch batch;
      batch.add(forSchemas(statement, domain_.schema, control_));
      if (auto ran = batch.run(session); !ran) return propagate(ran);
    }
    return {};
  });
}

void StoreTest::make(const std::string& schema, const std::string& kind) {
  std::vector<std::string> steps{"CREATE DATABASE " + schema};
  for (const auto& step : stepsOf(kind)) steps.push_back(replaced(step, "{schema}", schema));
  run(steps);
}

std::vector<std::string> StoreTest::rows(std::string_view sql) {
  return read([&](Session& session) -> Result<std::vector<std::string>> {
    StatementBatch batch;
    batch.add(forSchemas(sql, domain_.schema, control_));
    auto results = batch.run(session);
    if (!results) return propagate(results);
    std::vector<std::string> lines;
    for (const auto& values : results->front().rows) {
      std::string line;
      for (std::size_t i = 0; i < values.size(); ++i) {
        line += (i > 0 ? "|" : "") + values[i].value_or("NULL");
      }
      lines.push_back(line);
    }
    return lines;
  });
}

std::string StoreTest::row(std::string_view sql) {
  const auto lines = rows(sql);
  EXPECT_EQ(lines.size(), 1U) << sql;
  return lines.empty() ? "" : lines.front();
}

void StoreTest::makeNumbers(unsigned count) {
  run({"CREATE TABLE {domain}.numbers (n INT NOT NULL PRIMARY KEY)",
       "INSERT INTO {domain}.numbers VALUES (1)"});
  for (unsigned made = 1; made < count; made *= 2) {
    const auto more = std::to_string(made);
    run({"INSERT INTO {domain}.numbers SELECT n + " + more + " FROM {domain}.numbers WHERE n + " +
         more + " <= " + std::to_string(count)});
  }
}

NewUser StoreTest::userOf(std::string_view json) const {
  const auto& schemas = scim::test::schemas();
  const auto attributes = scim::test::resource(*schemas.user, json);
  NewUser user;
  user.meta.id = ResourceId::generate(domain_.number, ResourceKind::kUser);
  user.meta.version = Version(1);
  user.meta.created = user.meta.modified = 1'700'000'000'000'000;
  user.write.document = json::write(attributes);
  user.write.keys.user_name_fold = valueOf(prepareUserName(*attributes.find("userName")->string()));
  if (const auto* external = attributes.find("externalId")) {
    user.write.keys.external_id = *external->string();
  }
  user.write.keys.entries = scim::indexEntries(*schemas.user, attributes);
  return user;
}

NewDevice StoreTest::deviceOf(std::string_view json) const {
  const auto& type = scim::test::deviceType();
  const auto attributes = scim::test::device(json);
  NewDevice device;
  device.meta.id = ResourceId::generate(domain_.number, type.kind);
  device.meta.version = Version(1);
  device.meta.created = device.meta.modified = 1'700'000'000'000'000;
  device.write.document = json::write(attributes);
  device.write.keys.name = valueOf(
      scim::comparisonKey(*type.naming_attribute, *attributes.find(type.naming_attribute->name)));
  if (const auto* external = attributes.find("externalId")) {
    device.write.keys.external_id = *external->string();
  }
  device.write.keys.entries = scim::indexEntries(type, attributes);
  return device;
}

ResourceId StoreTest::addDevice(const NewDevice& device) {
  write([&](Session& session) {
    return insertResource(session, domain_, scim::test::deviceType(), device.meta, device.write,
                          audit());
  });
  return device.meta.id;
}

ResourceId StoreTest::addUser(const NewUser& user) {
  write([&](Session& session) {
    return insertUser(session, domain_, user.meta, user.write, "", audit());
  });
  return user.meta.id;
}

ResourceId StoreTest::addUser(std::string_view name) {
  json::Object attributes;
  attributes.set("userName", name);
  return addUser(userOf(json::write(attributes)));
}

NewGroup StoreTest::groupOf(std::string_view display_name, std::string_view more_json) const {
  NewGroup group;
  group.meta.id = ResourceId::generate(domain_.number, ResourceKind::kGroup);
  group.meta.version = Version(1);
  group.meta.created = group.meta.modified = 1'700'000'000'000'000;
  json::Object attributes =
      more_json.empty() ? json::Object() : *scim::test::parsed(more_json).object();
  attributes.set("displayName", display_name);
  const auto canonical = scim::test::teamGroup(json::write(attributes));
  group.write.document = json::write(canonical);
  group.write.keys.display_name = display_name;
  group.write.keys.display_name_key = foldCase(display_name);
  if (const auto* external = canonical.find("externalId")) {
    group.write.keys.external_id = *external->string();
  }
  group.write.keys.entries = scim::indexEntries(scim::test::teamGroupType(), canonical);
  return group;
}

ResourceId StoreTest::addGroup(std::string_view display_name,
                               const std::vector<ResourceId>& members) {
  return addGroup(groupOf(display_name), members);
}

ResourceId StoreTest::addGroup(const NewGroup& group, const std::vector<ResourceId>& members) {
  write([&](Session& session) {
    return insertGroup(session, domain_, scim::test::teamGroupType(), group.meta, group.write,
                       members, audit());
  });
  return group.meta.id;
}

std::uint64_t StoreTest::groupNumber(const ResourceId& id) {
  for (const auto& line : rows("SELECT seq, HEX(id) FROM {domain}.user_groups")) {
    std::string hex = id.text();
    hex.erase(std::remove(hex.begin(), hex.end(), '-'), hex.end());
    if (lowerAscii(line).ends_with("|" + hex)) return std::stoull(line);
  }
  throw std::runtime_error("no such group");
}

std::uint64_t StoreTest::groupVersion(const ResourceId& id) {
  const auto group = read([&](Session& session) { return findGroup(session, domain_, id); });
  return group ? group->meta.version.value() : 0;
}

std::vector<std::string> StoreTest::memberNames(const ResourceId& group) {
  const auto page =
      read([&](Session& session) { return listMembers(session, domain_, group, {}, 1'000'000); });
  std::vector<std::string> names;
  for (const auto& member : page.members) names.push_back(member.name);
  return names;
}

void inParallel(int threads, const std::function<void(int)>& function) {
  std::barrier start(threads);
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i) {
    all.emplace_back([&, i] {
      start.arrive_and_wait();
      function(i);
    });
  }
  for (auto& thread : all) thread.join();
}

}  // namespace vestibule::store::test
