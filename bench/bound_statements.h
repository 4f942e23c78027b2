#pragma once
// The statements that several bounds have in common, bound to variables of their own.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/resource_id.h"
#include "labelled_text.h"
#include "reused_statement.h"
#include "store/statement_text.h"
#include "store/user_store.h"

namespace vestibule::bench {

/// The columns of a user, and of one of its groups, in the order in which the server's look-ups
/// name them.
struct UserColumns {
  unsigned long long seq = 0;
  std::string id;
  unsigned long long version = 0;
  long long created = 0;
  long long modified = 0;
  std::string document;
  soci::indicator user = soci::i_null;  ///< null where a join found no user
  std::string group_id;
  std::string group_name;
  soci::indicator group = soci::i_null;  ///< null where the user has no group

  void bind(soci::statement& statement, bool with_groups) {
    statement.exchange(soci::into(seq, user));
    statement.exchange(soci::into(id, user));
    statement.exchange(soci::into(version, user));
    statement.exchange(soci::into(created, user));
    statement.exchange(soci::into(modified, user));
    statement.exchange(soci::into(document, user));
    if (!with_groups) return;
    statement.exchange(soci::into(group_id, group));
    statement.exchange(soci::into(group_name, group));
  }
};

/// Users by a key, with their groups or without, read into the same variables as the server's.
class LookUpUsers {
 public:
  LookUpUsers(store::Session& session, const std::string& schema, store::FoundBy by,
              bool with_groups)
      : statement_(session) {
    columns_.bind(statement_.raw(), with_groups);
    const auto text = store::forSchemas(store::userLookup(by, with_groups), schema);
    if (by == store::FoundBy::kAttribute) {
      statement_.prepare(text, key, attribute, row_limit_);
    } else {
      statement_.prepare(text, key, row_limit_);
    }
  }
  /// The number of rows.
  unsigned run() { return statement_.fetchAll(); }

  std::string key;
  int attribute = 0;  ///< the index number, with kAttribute

 private:
  long long row_limit_ = store::kJoinedRows;
  UserColumns columns_;
  ReusedStatement statement_;
};

/// Users of a statement that has no groups in it, and then the groups of all of them, as the server
/// reads a page.
class ReadUsers {
 public:
  /// Parameters of `text` are bound in their order.
  template <typename... Values>
  ReadUsers(store::Session& session, const std::string& schema, const std::string& text,
            Values&... values)
      : session_(session),
        groups_(store::forSchemas(store::sql::kGroupsOfUsers, schema)),
        users_(session) {
    columns_.bind(users_.raw(), false);
    users_.prepare(text, values...);
  }

  /// The number of users.
  unsigned run() {
    numbers_.clear();
    last = 0;
    const auto users = users_.fetchEach([this] {
      numbers_ += (numbers_.empty() ? "" : ",") + std::to_string(columns_.seq);
      last = std::max(last, static_cast<long long>(columns_.seq));
    });
    if (users == 0) return 0;
    // A list of another length is another text: nobody can prepare it.
    unsigned long long user = 0;
    unsigned long long group = 0;
    std::string id;
    std::string name;
    int nested = 0;
    ReusedStatement groups(session_);
    groups.into(user);
    groups.into(id);
    groups.into(name);
    groups.into(group);
    groups.into(nested);
    groups.prepare(store::withList(groups_, numbers_));
    groups.fetchAll();
    return users;
  }

  long long last = 0;  ///< the greatest row number that the last run read

 private:
  store::Session& session_;
  std::string groups_;
  UserColumns columns_;
  std::string numbers_;
  ReusedStatement users_;
};

/// A link and its user.
class FindLinkedUser {
 public:
  FindLinkedUser(store::Session& session, const std::string& domain, const std::string& control,
                 unsigned provider)
      : provider_(provider), statement_(session) {
    statement_.into(user_id_);
    statement_.into(claims_digest_);
    statement_.into(user_version_);
    statement_.into(created_);
    statement_.into(last_synced_);
    statement_.into(group_names_);
    columns_.bind(statement_.raw(), true);
    statement_.prepare(store::forSchemas(store::sql::kFindLinkedUser, domain, control), provider_,
                       subject, row_limit_);
  }
  unsigned run() { return statement_.fetchAll(); }

  std::string subject;

 private:
  unsigned provider_;
  long long row_limit_ = store::kJoinedRows;
  std::string user_id_;
  std::string claims_digest_;
  unsigned long long user_version_ = 0;
  long long created_ = 0;
  long long last_synced_ = 0;
  unsigned long long group_names_ = 0;
  UserColumns columns_;
  ReusedStatement statement_;
};

/// One person's row of users and index entries, to be stored under many labels.
class UserTemplate {
 public:
  explicit UserTemplate(const store::UserWrite& write)
      : user_name_fold_(write.keys.user_name_fold),
        external_id_(write.keys.external_id.value_or("")),
        document_(write.document) {
    for (const auto& entry : write.keys.entries) {
      entries_.emplace_back(static_cast<int>(entry.index), LabelledText(entry.key));
    }
  }

  void set(std::string_view label) {
    user_name_fold_.set(label);
    external_id_.set(label);
    document_.set(label);
    for (auto& entry : entries_) entry.second.set(label);
  }
  [[nodiscard]] const std::string& userNameFold() const { return user_name_fold_.text(); }
  /// Empty: none.
  [[nodiscard]] const std::string& externalId() const { return external_id_.text(); }
  [[nodiscard]] const std::string& document() const { return document_.text(); }
  [[nodiscard]] const std::vector<std::pair<int, LabelledText>>& entries() const {
    return entries_;
  }

 private:
  LabelledText user_name_fold_;
  LabelledText external_id_;
  LabelledText document_;
  std::vector<std::pair<int, LabelledText>> entries_;
};

/// Stores the row that the audit has of a change over SCIM.
class InsertAudit {
 public:
  /// `statement`: kInsertAuditEvent, or kInsertAuditEventIfChanged. `changes`: bytes of the names
  /// of what changes.
  InsertAudit(store::Session& session, const std::string& control, std::string_view statement,
              std::string action, std::size_t changes)
      : action_(std::move(action)), changes_(changes, 'c'), insert_(session) {
    insert_.prepare(store::forSchemas(statement, {}, control), occurred_, correlation_, action_,
                    actor_, actor_, none_, none_, none_, domain_, domain_name_, id_, version_,
                    version_, none_, changes_);
  }

  void run(std::string_view id) {
    occurred_ = now();
    correlation_ = toHex(randomBytes(8));
    id_.assign(id);
    insert_.run();
  }

 private:
  long long occurred_ = 0;
  std::string correlation_;
  std::string action_;
  std::string actor_ = std::string(32, 'a');
  NullableText none_;
  unsigned long long domain_ = 2;
  std::string domain_name_ = "BENCH";
  std::string id_;
  long long version_ = 1;
  std::string changes_;
  ReusedStatement insert_;
};

/// Stores a new user with `entries` index entries: two statements.
class InsertUser {
 public:
  InsertUser(store::Session& session, const std::string& schema, std::size_t entries)
      : indexes_(entries), keys_(entries), user_(session), attributes_(session) {
    user_.prepare(store::forSchemas(store::sql::kInsertUser, schema), id_, fold_, case_,
                  external_id_, version_, created_, modified_, password_hash_, document_);
    std::string text = store::forSchemas(store::sql::kInsertUserAttributes, schema);
    for (std::size_t i = 0; i < entries; ++i) {
      if (i > 0) text += ',';
      text += store::sql::kUserAttributeOfNewUser;
      attributes_.use(indexes_[i]);
      attributes_.use(keys_[i]);
    }
    if (entries > 0) attributes_.prepare(text);
  }

  void run(const ResourceId& id, const UserTemplate& user) {
    id_.assign(id.bytes());
    fold_ = user.userNameFold();
    if (!user.externalId().empty()) external_id_ = user.externalId();
    created_ = modified_ = now();
    document_ = user.document();
    user_.run();
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      indexes_[i] = user.entries().at(i).first;
      keys_[i] = user.entries().at(i).second.text();
    }
    if (!keys_.empty()) attributes_.run();
  }

 private:
  std::string id_;
  std::string fold_;
  std::string case_;
  NullableText external_id_;
  long long version_ = 1;
  long long created_ = 0;
  long long modified_ = 0;
  NullableText password_hash_;
  std::string document_;
  std::vector<int> indexes_;
  std::vector<std::string> keys_;
  ReusedStatement user_;
  ReusedStatement attributes_;
};

/// A user or group locked by its id.
class LockRow {
 public:
  LockRow(store::Session& session, const std::string& text) : statement_(session) {
    statement_.into(seq);
    statement_.into(found_id_);
    statement_.into(version);
    statement_.into(created_);
    statement_.into(modified_);
    statement_.into(document);
    statement_.prepare(text, id);
  }
  unsigned run() { return statement_.fetchAll(); }

  std::string id;
  unsigned long long seq = 0;
  unsigned long long version = 0;
  std::string document;

 private:
  std::string found_id_;
  long long created_ = 0;
  long long modified_ = 0;
  ReusedStatement statement_;
};

}  // namespace vestibule::bench
