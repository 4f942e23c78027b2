#include "store/index_filling.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/crypto.h"
#include "json/parse.h"
#include "store/control_change.h"
#include "store/index_entry_rows.h"
#include "store/index_records.h"
#include "store/resource_table.h"
#include "store/result_rows.h"
#include "store/statement_batch.h"
#include "store/statement_text.h"
#include "store/uniqueness.h"

namespace vestibule::store {
namespace {

/// Documents that one transaction reads. Few: their rows are locked until it ends.
constexpr std::uint64_t kDocumentsAtOnce = 50;
constexpr auto kBetweenProgress = std::chrono::seconds(1);
/// How far the clocks of two servers may differ.
constexpr Timestamp kClockSkew = 3'600'000'000;

/// The indexes of one resource type in one domain.
class TypeFilling {
 public:
  TypeFilling(Session& session, const std::string& control, const DomainTables& domain,
              const IndexedType& indexed, IndexRecords records)
      : session_(session),
        control_(control),
        domain_(domain),
        type_(*indexed.type),
        indexed_(indexed),
        table_(tableOf(indexed.type->kind)),
        where_(table_.shared ? "kind = " + std::to_string(kindOf(type_)) + " AND " : ""),
        records_(std::move(records)) {}

  Result<void> run(bool settle, std::vector<std::string>& report,
                   const MigrationProgress& progress) {
    auto last_row = lastRow();
    if (!last_row) return propagate(last_row);
    if (auto same = checkName(*last_row != 0); !same) return same;
    for (const auto& [number, record] : std::exchange(records_, {})) {
      if (isDeclared(indexed_, number)) {
        records_.emplace(number, record);
        continue;
      }
      if (auto gone = forget(number); !gone) return gone;
      report.push_back(place() + "index " + std::to_string(number) + " of " + type_.name +
                       " removed: no schema file declares it any more");
    }
    std::vector<std::string> names;
    for (const auto& index : indexed_.indexes) {
      if (isComplete(records_, index)) continue;
      const bool has_entries = index.number != 0 && *last_row != 0;
      if (auto begun = begin(index, has_entries); !begun) return begun;
      if (!has_entries) continue;
      pending_.push_back(index.number);
      names.push_back("index " + std::to_string(index.number) + " of " + type_.name + " (" +
                      index.attribute + ")");
    }
    if (!pending_.empty()) {
      if (auto walked = fillAll(*last_row, progress); !walked) return walked;
    }
    for (const auto& name : names) {
      report.push_back(place() + name + " filled from " + std::to_string(read_) + " resources");
    }
    if (settle && !isSettled(records_)) return this->settle();
    return {};
  }

 private:
  [[nodiscard]] std::string place() const { return unquoteName(domain_.schema) + ": "; }

  /// 0 when there is no resource.
  Result<std::uint64_t> lastRow() {
    StatementBatch batch;
    batch.add("SELECT seq FROM " + domain_.schema + "." + std::string(table_.name) + " WHERE " +
              where_ + "seq > 0 ORDER BY seq DESC LIMIT 1");
    auto results = batch.run(session_);
    if (!results) return propagate(results);
    const auto& rows = results->front().rows;
    return rows.empty() ? 0 : unsignedAt(rows.front(), 0);
  }

  /// The keys of the naming attribute are no entries but a column, made at each write.
  Result<void> checkName(bool has_resources) const {
    const auto found = records_.find(0);
    if (!has_resources || found == records_.end() ||
        isComplete(records_, indexed_.indexes.front())) {
      return {};
    }
    return failure(ErrorKind::kConflict,
                   "the resources of type " + type_.name + " in the schema " +
                       unquoteName(domain_.schema) +
                       " were stored under another naming attribute, or one of other "
                       "characteristics: the schema files have to name them as before");
  }

  /// Removes the entries of an index and what is recorded of it. Without a record nothing is known
  /// of the entries: whoever finds none removes them first.
  Result<void> forget(std::uint16_t number) {
    StatementBatch batch;
    batch.add(inControl("DELETE FROM {control}.attribute_indexes WHERE domain_number = ? AND kind "
                        "= ? AND attribute = ?",
                        control_),
              {std::uint64_t{domain_.number.value()}, kindOf(type_), std::uint64_t{number}});
    auto results = batch.repeatable().run(session_);
    if (!results) return propagate(results);
    std::uint64_t removed = kDeletedRows;
    while (removed == kDeletedRows) {
      batch.add("DELETE FROM " + domain_.schema + "." + std::string(table_.attributes) + " WHERE " +
                    where_ + "attribute = ? LIMIT " + std::to_string(kDeletedRows),
                {std::uint64_t{number}});
      results = batch.repeatable().run(session_);
      if (!results) return propagate(results);
      removed = results->front().affected;
    }
    return {};
  }

  /// Records the index: as empty, or as complete where there is nothing to put in.
  Result<void> begin(const scim::IndexDeclaration& index, bool has_entries) {
    const std::string meaning = sha256(index.meaning);
    const auto found = records_.find(index.number);
    if (has_entries && found != records_.end() && found->second.meaning == meaning) return {};
    if (has_entries) {
      if (auto gone = forget(index.number); !gone) return gone;
    }
    const Parameter filled_to = has_entries ? Parameter(std::uint64_t{0}) : Parameter(nullptr);
    const Timestamp begun = now();
    StatementBatch batch;
    batch.add(inControl("REPLACE INTO {control}.attribute_indexes (domain_number, kind, attribute, "
                        "meaning, filled_to, unsettled_since) VALUES (?, ?, ?, ?, ?, ?)",
                        control_),
              {std::uint64_t{domain_.number.value()}, kindOf(type_), std::uint64_t{index.number},
               Blob{meaning}, filled_to, std::int64_t{begun}});
    auto results = batch.repeatable().run(session_);
    if (!results) return propagate(results);
    records_[index.number] = {meaning, std::nullopt, begun};
    if (has_entries) records_[index.number].filled_to = 0;
    return {};
  }

  /// Reads all resources that some pending index lacks, and records at the end that none lacks any.
  Result<void> fillAll(std::uint64_t last_row, const MigrationProgress& progress) {
    Position from;
    from.row = last_row;
    for (const auto number : pending_)
      from.row = std::min(from.row, *records_.at(number).filled_to);
    auto told = std::chrono::steady_clock::now();
    auto walked = walk(from, [&](const Position& at, std::uint64_t at_once) {
      if (progress && std::chrono::steady_clock::now() - told >= kBetweenProgress) {
        told = std::chrono::steady_clock::now();
        progress(place() + "filling indexes of " + type_.name + ": " + std::to_string(read_) +
                 " resources read, " + std::to_string(at.row * 100 / std::max(at.row, last_row)) +
                 " %");
      }
      return fillPage("seq > ? ORDER BY seq", {at.row}, at_once);
    });
    if (!walked) return walked;
    StatementBatch batch;
    record(batch, "filled_to = NULL", {}, "filled_to IS NOT NULL", {});
    auto results = batch.repeatable().run(session_);
    if (!results) return propagate(results);
    return {};
  }

  /// Reads again what servers with older schema files may have written since the filling began.
  Result<void> settle() {
    pending_.clear();
    Timestamp since = now();
    for (const auto& [number, record] : records_) {
      if (!record.unsettled_since) continue;
      pending_.push_back(number);
      since = std::min(since, *record.unsettled_since);
    }
    Position from;
    from.modified = since - kClockSkew;
    auto walked = walk(from, [&](const Position& at, std::uint64_t at_once) {
      return fillPage("modified >= ? AND (modified > ? OR seq > ?) ORDER BY modified, seq",
                      {std::int64_t{at.modified}, std::int64_t{at.modified}, at.row}, at_once);
    });
    if (!walked) return walked;
    StatementBatch batch;
    record(batch, "unsettled_since = NULL", {}, "unsettled_since IS NOT NULL", {});
    auto results = batch.repeatable().run(session_);
    if (!results) return propagate(results);
    return {};
  }

  /// Where a walk stands: behind this row, in the order of the walk.
  struct Position {
    Timestamp modified = 0;
    std::uint64_t row = 0;
  };

  /// Calls `next(position, rows at once)` until it gives no position any more.
  template <typename Next>
  Result<void> walk(Position at, Next next) {
    std::uint64_t at_once = kDocumentsAtOnce;
    for (;;) {
      Result<std::optional<Position>> reached = next(at, at_once);
      if (!reached && session_.failure() == Failure::kDuplicate && at_once > 1) {
        // One by one, to find whose value it is.
        at_once = 1;
        continue;
      }
      if (!reached) return propagate(reached);
      if (!*reached) return {};
      at = **reached;
    }
  }

  /// Fills the pending indexes from the next resources by this condition and order; gives the last
  /// of them, or nothing when there is none.
  Result<std::optional<Position>> fillPage(const std::string& condition,
                                           std::vector<Parameter> parameters,
                                           std::uint64_t at_once) {
    parameters.emplace_back(at_once);
    StatementBatch batch;
    batch.begin();
    batch.add("SELECT seq, id, document, modified FROM " + domain_.schema + "." +
                  std::string(table_.name) + " WHERE " + where_ + condition + " LIMIT ? FOR UPDATE",
              parameters);
    auto results = batch.run(session_);
    if (!results) return propagate(results);
    auto& rows = (*results)[1].rows;
    if (rows.empty()) {
      rollback(session_);
      return std::optional<Position>();
    }
    auto entries = entriesOf(rows);
    if (!entries) {
      rollback(session_);
      return propagate(entries);
    }
    const Position last{signedAt(rows.back(), 3), unsignedAt(rows.back(), 0)};
    // A run that was stopped, or a server that knows the index, may have been here.
    batch.add("DELETE FROM " + domain_.schema + "." + std::string(table_.attributes) + " WHERE " +
              where_ + std::string(table_.owner) + " IN (" + numberList(numbersOf(rows)) +
              ") AND attribute IN (" + pendingList() + ")");
    for (std::size_t i = 0; i < rows.size(); ++i) {
      addIndexEntries(batch, domain_.schema, type_.kind, entriesWithout((*entries)[i], {}),
                      unsignedAt(rows[i], 0));
    }
    record(batch, "filled_to = ?", {last.row}, "filled_to < ?", {last.row});
    auto filled = batch.commit().run(session_);
    if (!filled) {
      if (rows.size() > 1) return propagate(filled);
      return isTaken(idAt(rows.front(), 1), entries->front(), last.row, std::move(filled.error()));
    }
    read_ += rows.size();
    return std::optional<Position>(last);
  }

  /// The entries of each row's resource in the pending indexes.
  Result<std::vector<std::vector<scim::IndexEntry>>> entriesOf(
      const std::vector<ResultRow>& rows) const {
    std::vector<std::vector<scim::IndexEntry>> entries;
    for (const auto& row : rows) {
      const auto document = json::parse(row.at(2).value_or(""));
      if (!document || !document->isObject()) {
        return internalFailure("a stored document is not a JSON object");
      }
      auto& kept = entries.emplace_back();
      for (auto& entry : scim::indexEntries(type_, *document->object())) {
        if (std::find(pending_.begin(), pending_.end(), entry.index) != pending_.end()) {
          kept.push_back(std::move(entry));
        }
      }
    }
    return entries;
  }

  /// The error of a resource, alone in its transaction, whose value another one has.
  tl::unexpected<Error> isTaken(const ResourceId& id, const std::vector<scim::IndexEntry>& entries,
                                std::uint64_t row, Error error) {
    if (session_.failure() != Failure::kDuplicate) return tl::make_unexpected(std::move(error));
    error = writeDuplicate(session_, domain_.schema, {type_, entries, row}, std::move(error));
    if (error.kind == ErrorKind::kUniqueness) {
      error.kind = ErrorKind::kConflict;
      error.detail = place() + "the index of an attribute that is unique now cannot be filled, " +
                     type_.name + " " + id.text() + ": " + error.detail;
    }
    return tl::make_unexpected(std::move(error));
  }

  [[nodiscard]] std::string pendingList() const {
    return numberList({pending_.begin(), pending_.end()});
  }

  /// Adds a change of what is recorded of the pending indexes.
  void record(StatementBatch& batch, const std::string& change,
              const std::vector<Parameter>& of_change, const std::string& condition,
              const std::vector<Parameter>& of_condition) {
    std::vector<Parameter> parameters = of_change;
    parameters.emplace_back(std::uint64_t{domain_.number.value()});
    parameters.emplace_back(kindOf(type_));
    parameters.insert(parameters.end(), of_condition.begin(), of_condition.end());
    batch.add(inControl("UPDATE {control}.attribute_indexes SET ", control_) + change +
                  " WHERE domain_number = ? AND kind = ? AND attribute IN (" + pendingList() +
                  ") AND " + condition,
              parameters);
  }

  Session& session_;
  const std::string& control_;
  const DomainTables& domain_;
  const scim::ResourceType& type_;
  const IndexedType& indexed_;
  const ResourceTable& table_;
  const std::string where_;  ///< what tells the kind's rows from others of the same table
  IndexRecords records_;
  std::vector<std::uint16_t> pending_;  ///< numbers of the indexes at work
  std::uint64_t read_ = 0;
};

}  // namespace

Result<void> fillIndexes(Session& session, const std::string& control_schema,
                         const DomainTables& domain, const std::vector<IndexedType>& types,
                         bool settle, std::vector<std::string>& report,
                         const MigrationProgress& progress) {
  auto records = readIndexRecords(session, control_schema);
  if (!records) return propagate(records);
  auto& of_domain = (*records)[domain.number.value()];
  for (const auto& indexed : types) {
    auto& of_type = of_domain[kindOf(*indexed.type)];
    if (isComplete(of_type, indexed) && (!settle || isSettled(of_type))) continue;
    TypeFilling filling(session, control_schema, domain, indexed, std::move(of_type));
    if (auto filled = filling.run(settle, report, progress); !filled) return filled;
  }
  return {};
}

}  // namespace vestibule::store
