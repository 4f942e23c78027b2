#include "store/user_batch_store.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "store/audit_rows.h"
#include "store/import_rows.h"
#include "store/import_statements.h"
#include "store/result_rows.h"
#include "store/statement_batch.h"
#include "store/uniqueness.h"
#include "store/user_rows.h"

namespace vestibule::store {
namespace {

/// A statement of more is divided: the smallest packet that servers take by default is 4 MB, and
/// bytes that are escaped count twice.
constexpr std::size_t kBytesPerStatement = 1 << 20;
constexpr std::size_t kRowsPerStatement = 1'000;

/// An INSERT of one row, as one of `rows` rows: its parenthesis of values is repeated.
std::string ofRows(const std::string& insert, std::size_t rows) {
  const std::string_view values = std::string_view(insert).substr(insert.rfind("(?"));
  std::string text = insert;
  text.reserve(insert.size() + (rows - 1) * (values.size() + 1));
  for (std::size_t i = 1; i < rows; ++i) text.append(",").append(values);
  return text;
}

std::string_view bytesOf(const std::string& text) { return text; }
std::string_view bytesOf(const ResourceId& id) { return id.bytes(); }

/// Keys of one statement; they must live until the batch runs.
template <typename Key>
std::vector<Parameter> blobsOf(const std::vector<Key>& keys, std::size_t from = 0,
                               std::size_t count = SIZE_MAX) {
  std::vector<Parameter> parameters;
  for (std::size_t i = from; i < keys.size() && i - from < count; ++i) {
    parameters.emplace_back(Blob{bytesOf(keys[i])});
  }
  return parameters;
}

void addList(StatementBatch& batch, std::string_view sql, const DomainTables& domain,
             const std::vector<Parameter>& keys) {
  batch.add(withList(forSchemas(sql, domain.schema), placeholders(keys.size())), keys);
}

/// Asks for some of the keys at a time, and calls `take` with each row that is there.
template <typename Key, typename Take>
Result<void> readByKeys(Session& session, std::string_view sql, const DomainTables& domain,
                        const std::vector<Key>& keys, Take take) {
  for (std::size_t from = 0; from < keys.size(); from += kRowsPerStatement) {
    StatementBatch batch;
    addList(batch, sql, domain, blobsOf(keys, from, kRowsPerStatement));
    auto results = batch.run(session);
    if (!results) return propagate(results);
    for (auto& row : results->front().rows) take(row);
  }
  return {};
}

std::string_view lockBy(UserMatch match) {
  switch (match) {
    case UserMatch::kExternalId:
      return sql::kLockUsersByExternalId;
    case UserMatch::kId:
      return sql::kLockUsersById;
    case UserMatch::kUserName:
      break;
  }
  return sql::kLockUsersByName;
}

MatchedUser takeMatched(ResultRow& row) {
  MatchedUser user;
  user.locked.seq = unsignedAt(row, 0);
  user.locked.user.resource = takeResource(row, 1);
  user.locked.has_password = unsignedAt(row, 6) != 0;
  user.user_name_fold = takeText(row, 7);
  user.user_name_case = takeText(row, 8);
  if (row[9]) user.external_id_key = takeText(row, 9);
  return user;
}

/// One transaction under way.
class Writing {
 public:
  Writing(Session& session, const DomainTables& domain, const std::string& control_schema,
          const UserBatch& users)
      : session_(session), domain_(domain), control_(control_schema), users_(users) {}

  Result<void> run() {
    if (auto inserted = insertUsers(); !inserted) return inserted;
    StatementBatch batch;
    addEntries(batch);
    addChanges(batch);
    addEvents(batch);
    if (users_.mark != nullptr) addImportBatch(batch, control_, *users_.mark);
    if (users_.commits) batch.commit();
    auto stored = batch.run(session_);
    if (!stored) return tl::make_unexpected(nameImportFailure(session_, std::move(stored.error())));
    if (!users_.commits) rollback(session_);
    return {};
  }

 private:
  /// The rows of new users, and then their numbers.
  Result<void> insertUsers() {
    if (users_.created.empty()) return {};
    std::vector<std::optional<std::string>> external_ids;
    external_ids.reserve(users_.created.size());
    std::vector<Parameter> ids;
    for (const auto& user : users_.created) {
      external_ids.push_back(externalIdKey(user.write.keys.external_id));
      ids.emplace_back(Blob{user.meta.id.bytes()});
    }
    const std::string insert = forSchemas(sql::kInsertUser, domain_.schema);
    StatementBatch batch;
    std::vector<Parameter> parameters;
    std::size_t rows = 0;
    std::size_t bytes = 0;
    const auto flush = [&] {
      if (rows > 0) batch.add(ofRows(insert, rows), parameters);
      parameters.clear();
      rows = bytes = 0;
    };
    for (std::size_t i = 0; i < users_.created.size(); ++i) {
      const auto& user = users_.created[i];
      if (bytes + user.write.document.size() > kBytesPerStatement && rows > 0) {
        flush();
        if (auto run = batch.run(session_); !run) return refused(std::move(run.error()));
      }
      addUser(parameters, user, external_ids[i]);
      ++rows;
      bytes += user.write.document.size();
    }
    flush();
    addList(batch, sql::kNumbersOfUsers, domain_, ids);
    auto results = batch.run(session_);
    if (!results) return refused(std::move(results.error()));
    for (const auto& row : results->back().rows) numbers_[idAt(row, 1)] = unsignedAt(row, 0);
    if (numbers_.size() == users_.created.size()) return {};
    rollback(session_);
    return internalFailure("users that were just inserted are not there");
  }

  static void addUser(std::vector<Parameter>& row, const NewUser& user,
                      const std::optional<std::string>& external_id_key) {
    const auto& [document, keys] = user.write;
    row.emplace_back(Blob{user.meta.id.bytes()});
    row.emplace_back(Blob{keys.user_name_fold});
    row.emplace_back(Blob{keys.user_name_case});
    row.push_back(blobOrNull(external_id_key));
    row.emplace_back(user.meta.version.value());
    row.emplace_back(static_cast<std::int64_t>(user.meta.created));
    row.emplace_back(static_cast<std::int64_t>(user.meta.modified));
    row.push_back(user.password_hash.empty() ? Parameter(nullptr)
                                             : Parameter(Blob{user.password_hash}));
    row.emplace_back(std::string_view(document));
  }

  void addEntries(StatementBatch& batch) const {
    const std::string head = forSchemas(sql::kInsertUserAttributes, domain_.schema);
    std::string text = head;
    std::vector<Parameter> parameters;
    const auto flush = [&] {
      if (!parameters.empty()) batch.add(text, parameters);
      text = head;
      parameters.clear();
    };
    for (const auto& user : users_.created) {
      const auto seq = numbers_.at(user.meta.id);
      for (const auto& entry : user.write.keys.entries) {
        if (!parameters.empty()) text += ',';
        text += sql::kUserAttributeOfUser;
        parameters.emplace_back(std::uint64_t{entry.index});
        parameters.emplace_back(Blob{entry.key});
        parameters.emplace_back(seq);
        if (parameters.size() >= 3 * kRowsPerStatement) flush();
      }
    }
    flush();
  }

  void addChanges(StatementBatch& batch) {
    external_ids_.reserve(users_.changed.size());
    for (const auto& user : users_.changed) {
      const auto& key = external_ids_.emplace_back(externalIdKey(user.write.keys.external_id));
      addUpdateUser(batch, domain_.schema, user.locked->seq, user.meta, user.write, user.before,
                    key, user.password_hash);
    }
  }

  void addEvents(StatementBatch& batch) {
    events_.reserve(users_.created.size() + users_.changed.size());
    for (const auto& user : users_.created) events_.emplace_back(user.event);
    for (const auto& user : users_.changed) events_.emplace_back(user.event);
    addAuditRows(batch, control_, events_);
  }

  Result<void> refused(Error error) const {
    return tl::make_unexpected(nameDuplicate(session_, std::move(error)));
  }

  Session& session_;
  const DomainTables& domain_;
  const std::string& control_;
  const UserBatch& users_;
  std::unordered_map<ResourceId, std::uint64_t> numbers_;
  std::vector<std::optional<std::string>> external_ids_;
  std::vector<AuditRow> events_;
};

}  // namespace

Result<UserBatchAnswer> beginUserBatch(Session& session, const DomainTables& domain,
                                       const UserBatchQuestion& question) {
  StatementBatch batch;
  batch.begin();
  if (!question.user_name_folds.empty()) {
    addList(batch, sql::kTakenUserNames, domain, blobsOf(question.user_name_folds));
  }
  if (!question.ids.empty()) {
    addList(batch, sql::kNumbersOfUsers, domain, blobsOf(question.ids));
  }
  if (!question.keys.empty()) {
    addList(batch, lockBy(question.match), domain, blobsOf(question.keys));
  }
  auto results = batch.run(session);
  if (!results) return propagate(results);
  UserBatchAnswer answer;
  std::size_t at = 1;
  if (!question.user_name_folds.empty()) {
    for (auto& row : (*results)[at++].rows) {
      answer.names.push_back({idAt(row, 0), takeText(row, 1), takeText(row, 2)});
    }
  }
  if (!question.ids.empty()) {
    for (const auto& row : (*results)[at++].rows) answer.ids.push_back(idAt(row, 1));
  }
  if (!question.keys.empty()) {
    for (auto& row : (*results)[at].rows) answer.matched.push_back(takeMatched(row));
  }
  return answer;
}

Result<void> writeUserBatch(Session& session, const DomainTables& domain,
                            const std::string& control_schema, const UserBatch& users) {
  const auto check = [&](const auto& each) { return checkUserWrite(each.write); };
  Result<void> fits;
  for (auto user = users.created.begin(); fits && user != users.created.end(); ++user) {
    fits = check(*user);
  }
  for (auto user = users.changed.begin(); fits && user != users.changed.end(); ++user) {
    fits = check(*user);
  }
  if (!fits) {
    rollback(session);
    return fits;
  }
  return Writing(session, domain, control_schema, users).run();
}

Result<std::vector<std::pair<ResourceId, std::string>>> readPasswordHashes(
    Session& session, const DomainTables& domain, const std::vector<ResourceId>& ids) {
  std::vector<std::pair<ResourceId, std::string>> hashes;
  auto read = readByKeys(session, sql::kPasswordHashes, domain, ids, [&](ResultRow& row) {
    hashes.emplace_back(idAt(row, 0), takeText(row, 1));
  });
  if (!read) return propagate(read);
  return hashes;
}

Result<std::vector<std::pair<std::string, ResourceId>>> findUserIdsByName(
    Session& session, const DomainTables& domain, const std::vector<std::string>& folds) {
  std::vector<std::pair<std::string, ResourceId>> found;
  auto read = readByKeys(session, sql::kUserIdsByName, domain, folds, [&](ResultRow& row) {
    found.emplace_back(takeText(row, 0), idAt(row, 1));
  });
  if (!read) return propagate(read);
  return found;
}

Result<std::vector<ResourceId>> existingUsers(Session& session, const DomainTables& domain,
                                              const std::vector<ResourceId>& ids) {
  std::vector<ResourceId> found;
  auto read = readByKeys(session, sql::kNumbersOfUsers, domain, ids,
                         [&](ResultRow& row) { found.push_back(idAt(row, 1)); });
  if (!read) return propagate(read);
  return found;
}

}  // namespace vestibule::store
