#include "store/server_check.h"

#include <charconv>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>

#include "base/unicode.h"
#include "store/prompt_statements.h"
#include "store/result_rows.h"
#include "store/server_version.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

constexpr std::uint64_t kLeastPacket = 4 << 20;
constexpr std::uint64_t kGoodPacket = 16 << 20;
/// The longest unique key (two of 1,020 bytes) fits no smaller page.
constexpr std::uint64_t kLeastPage = 16 << 10;

/// The privileges of our account on all schemas and on ours. No row when the server checks none.
/// None either for an account with a role, since what it has by that is not to be seen here.
constexpr std::string_view kPrivilegesOfUser =
    "SELECT p.privilege_type FROM (SELECT grantee, privilege_type, '%' AS pattern FROM "
    "information_schema.user_privileges UNION ALL SELECT grantee, privilege_type, table_schema "
    "FROM information_schema.schema_privileges) p WHERE p.grantee = CONCAT('''', "
    "LEFT(CURRENT_USER(), CHAR_LENGTH(CURRENT_USER()) - "
    "CHAR_LENGTH(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)) - 1), '''@''', "
    "SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''') AND ? LIKE p.pattern AND "
    "COALESCE(CURRENT_ROLE(), 'NONE') = 'NONE'";

/// Settings of the server by name; a name that the server does not know is not there.
class Variables {
 public:
  explicit Variables(const std::vector<ResultRow>& rows) {
    for (const auto& row : rows) values_[row.at(0).value_or("")] = row.at(1).value_or("");
  }
  [[nodiscard]] std::string text(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? "" : found->second;
  }
  [[nodiscard]] std::optional<std::uint64_t> number(const std::string& name) const {
    const auto value = text(name);
    std::uint64_t number = 0;
    const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (problem != std::errc{} || end != value.data() + value.size()) return std::nullopt;
    return number;
  }
  /// True for a switch that the server has and that is on, in whatever words.
  [[nodiscard]] bool isOn(const std::string& name) const {
    const auto value = text(name);
    return !value.empty() && value != "OFF" && value != "0";
  }

 private:
  std::map<std::string, std::string> values_;
};

class Findings {
 public:
  explicit Findings(ServerReport& report) : report_(report) {}
  void fatal(std::string_view text) { add(true, text); }
  void warn(std::string_view text) { add(false, text); }

 private:
  void add(bool fatal, std::string_view text) {
    auto& finding = report_.findings.emplace_back();
    finding.fatal = fatal;
    finding.text = text;
  }

  ServerReport& report_;
};

void checkDurability(const Variables& variables, Findings& findings) {
  const auto flush = variables.text("innodb_flush_log_at_trx_commit");
  // 3 is MariaDB's: as durable as 1.
  if (flush == "0") {
    findings.fatal(
        "innodb_flush_log_at_trx_commit is 0: changes that were answered as done are lost when the "
        "server process dies; set it to 1");
  } else if (flush != "1" && flush != "3") {
    findings.warn("innodb_flush_log_at_trx_commit is " + flush +
                  ": changes of the last second are lost when the machine dies; set it to 1");
  }
  if (equalIgnoringAsciiCase(variables.text("innodb_flush_method"), "nosync")) {
    findings.warn(
        "innodb_flush_method is nosync: changes that were answered as done are lost when the "
        "machine dies; leave it at its default");
  }
  if (!variables.isOn("log_bin")) return;
  if (variables.text("sync_binlog") != "1") {
    findings.warn("sync_binlog is " + variables.text("sync_binlog") +
                  " with the binary log on: changes that were answered as done may be lost when "
                  "the machine dies; set it to 1");
  }
  if (variables.text("binlog_format") == "STATEMENT") {
    findings.fatal(
        "binlog_format is STATEMENT, with which the server refuses writes under READ COMMITTED; "
        "set it to ROW");
  }
}

/// A node of a Galera cluster. What else it asks for (ROW, InnoDB) it enforces itself.
void checkCluster(const Variables& variables, Findings& findings) {
  if (!variables.isOn("wsrep_on")) return;
  if (variables.text("wsrep_osu_method") == "RSU") {
    findings.fatal(
        "wsrep_osu_method is RSU: tables of new domains would be made on one node of the cluster "
        "only; set it to TOI");
  }
  if (!variables.isOn("wsrep_slave_fk_checks")) {
    findings.fatal(
        "wsrep_slave_fk_checks is off: what goes with a deleted user or group would stay on the "
        "other nodes of the cluster; set it to ON");
  }
  findings.warn(
      "the server is a node of a Galera cluster: let all servers of Vestibule write to the same "
      "node (docs/clusters.md)");
}

void checkReadOnly(const Variables& variables, Findings& findings) {
  for (const char* name : {"read_only", "super_read_only", "innodb_read_only",
                           "transaction_read_only", "tx_read_only"}) {
    if (!variables.isOn(name)) continue;
    findings.fatal(std::string(name) +
                   " is on: nothing can be written; connect to the primary server");
    return;
  }
}

void checkChecks(const Variables& variables, Findings& findings) {
  // MySQL cannot switch them off.
  if (variables.text("check_constraint_checks") != "OFF") return;
  findings.fatal(
      "check_constraint_checks is OFF: guard-rails could not refuse anything; set it to ON");
}

void checkSizes(const Variables& variables, const DatabaseOptions& options, Findings& findings) {
  const auto packet = variables.number("max_allowed_packet").value_or(0);
  if (packet < kGoodPacket) {
    const std::string text = "max_allowed_packet is " + std::to_string(packet) +
                             " bytes: large resources cannot be stored; set it to 16M or more";
    if (packet < kLeastPacket) {
      findings.fatal(text);
    } else {
      findings.warn(text);
    }
  }
  if (const auto page = variables.number("innodb_page_size"); page && *page < kLeastPage) {
    findings.fatal("innodb_page_size is " + std::to_string(*page) +
                   " bytes: our indexes need pages of 16k");
  }
  if (const auto connections = variables.number("max_connections");
      connections && *connections <= options.sessions) {
    findings.warn("max_connections is " + std::to_string(*connections) + ", and we may open " +
                  std::to_string(options.sessions) + ": raise it, or lower the number of sessions");
  }
}

/// Those of `needed` that are not held, with commas between them.
std::string missingOf(std::initializer_list<std::string_view> needed,
                      const std::set<std::string_view>& held) {
  std::string missing;
  for (const auto privilege : needed) {
    if (held.contains(privilege)) continue;
    missing += (missing.empty() ? "" : ", ") + std::string(privilege);
  }
  return missing;
}

/// Warns of privileges that the user seems to lack. One that has all it takes to serve may be meant
/// to have no more.
void checkPrivileges(const StatementResult& grants, const std::string& prefix, Findings& findings) {
  if (grants.rows.empty()) return;
  std::set<std::string_view> held;
  for (const auto& row : grants.rows) {
    if (row.at(0)) held.insert(*row.at(0));
  }
  const auto rows = missingOf({"SELECT", "INSERT", "UPDATE", "DELETE"}, held);
  const auto tables = missingOf({"CREATE", "DROP", "ALTER", "INDEX", "REFERENCES"}, held);
  if (!rows.empty()) {
    findings.warn("the database user may lack privileges: GRANT " + rows +
                  (tables.empty() ? "" : ", " + tables) + " ON `" + prefix + "\\_%`.* to it");
  } else if (!tables.empty()) {
    findings.warn("the database user lacks " + tables +
                  ": it serves what is there, and making domains, deleting them and migrating are "
                  "for another user (docs/database-users.md)");
  }
}

}  // namespace

Result<ServerReport> checkServer(Database& database) {
  ServerReport report;
  Findings findings(report);
  auto leased = database.lease();
  if (!leased) {
    // Connecting checks the session's own settings. Anything but an unreachable server is a
    // finding.
    if (leased.error().kind != ErrorKind::kInternal) return propagate(leased);
    findings.fatal(leased.error().internal);
    return report;
  }
  const auto& options = database.options();
  const std::string schema = options.schema_prefix + "_control";
  StatementBatch batch;
  batch.add("SELECT VERSION(), @@version_comment");
  batch.add(
      "SHOW VARIABLES WHERE Variable_name IN ('innodb_flush_log_at_trx_commit', "
      "'innodb_flush_method', "
      "'log_bin', "
      "'sync_binlog', 'binlog_format', 'read_only', 'super_read_only', 'innodb_read_only', "
      "'transaction_read_only', 'tx_read_only', 'max_allowed_packet', 'innodb_page_size', "
      "'max_connections', 'check_constraint_checks', 'wsrep_on', 'wsrep_osu_method', "
      "'wsrep_slave_fk_checks')");
  batch.add(
      "SELECT COUNT(*) FROM information_schema.engines WHERE engine = 'InnoDB' AND support IN "
      "('YES', 'DEFAULT')");
  batch.add(kPrivilegesOfUser, {std::string_view(schema)});
  auto results = batch.run(**leased);
  if (!results) return propagate(results);

  const auto& version = results->at(0).rows.at(0);
  report.version = version.at(0).value_or("");
  const auto known = parseServerVersion(report.version, version.at(1).value_or(""));
  if (!known || !known->supported()) {
    findings.fatal("the server is " + report.version +
                   "; Vestibule needs MySQL 8.0.21 or MariaDB 10.6, or newer");
  }
  const Variables variables(results->at(1).rows);
  checkDurability(variables, findings);
  checkCluster(variables, findings);
  checkReadOnly(variables, findings);
  checkChecks(variables, findings);
  checkSizes(variables, options, findings);
  if (unsignedAt(results->at(2).rows.at(0), 0) == 0) {
    findings.fatal("the server has no InnoDB, which all tables need");
  }
  checkPrivileges(results->at(3), options.schema_prefix, findings);
  return report;
}

Result<void> probeWrites(Database& database) {
  return database.write([&](Session& session) -> Result<void> {
    StatementBatch batch;
    batch.add(forSchemas(sql::kProbeWrites, {}, database.controlSchema()));
    auto probed = batch.run(session);
    if (!probed) return propagate(probed);
    return {};
  });
}

}  // namespace vestibule::store
