#include "bound_operations.h"

#include <stdexcept>

#include "base/crypto.h"
#include "base/encoding.h"
#include "bound_statements.h"
#include "id_tokens.h"

namespace vestibule::bench {
namespace {

namespace sql = store::sql;

/// People that new users are made like.
constexpr std::uint64_t kTemplates = 64;
/// Bytes of the names of what is new of a user, and of one attribute; of a first login's trace.
constexpr std::size_t kAuditedChanges = 150;
constexpr std::size_t kAuditedChange = 24;
constexpr std::size_t kAuditedTrace = 1'300;

void require(bool holds, const char* otherwise) {
  if (!holds) throw std::runtime_error(otherwise);
}

/// What every bound has.
class Bound : public BoundOperation {
 public:
  Bound(const Workbench& bench, store::Session& session, Choice& choice, unsigned thread)
      : people_(bench.population()),
        domain_(bench.domainSchema()),
        control_(bench.controlSchema()),
        provider_(bench.providerNumber()),
        domain_number_(bench.domainNumber()),
        choice_(choice),
        random_(mix(people_.layout().seed, thread, 17)),
        begin_(session),
        commit_(session) {
    begin_.prepare("BEGIN");
    commit_.prepare("COMMIT");
  }

 protected:
  [[nodiscard]] std::string forDomain(std::string_view text) const {
    return store::forSchemas(text, domain_, control_);
  }
  void begin() { begin_.run(); }
  void commit() { commit_.run(); }

  const Population& people_;
  const std::string domain_;
  const std::string control_;
  unsigned provider_;
  const DomainNumber domain_number_;
  Choice& choice_;
  std::mt19937_64 random_;

 private:
  ReusedStatement begin_;
  ReusedStatement commit_;
};

class GetUser final : public Bound {
 public:
  GetUser(const Workbench& bench, store::Session& session, Choice& choice, unsigned thread)
      : Bound(bench, session, choice, thread),
        lookup_(session, domain_, store::FoundBy::kId, true) {}

  bool run() override {
    lookup_.key.assign(people_.userId(choice_.anyUser(random_)).bytes());
    require(lookup_.run() > 0, "a loaded user is not there");
    return true;
  }

 private:
  LookUpUsers lookup_;
};

class FilterUsername final : public Bound {
 public:
  FilterUsername(const Workbench& bench, store::Session& session, Choice& choice, unsigned thread)
      : Bound(bench, session, choice, thread),
        lookup_(session, domain_, store::FoundBy::kUserName, true) {}

  bool run() override {
    // The names of the population are in their prepared form already.
    lookup_.key = people_.person(choice_.anyUser(random_)).userName();
    require(lookup_.run() > 0, "a loaded user is not found by its name");
    return true;
  }

 private:
  LookUpUsers lookup_;
};

class FilterEmail final : public Bound {
 public:
  FilterEmail(const Workbench& bench, store::Session& session, Choice& choice, unsigned thread)
      : Bound(bench, session, choice, thread),
        lookup_(session, domain_, store::FoundBy::kAttribute, true) {
    lookup_.attribute = kEmailIndex;
  }

  bool run() override {
    lookup_.key = people_.person(choice_.anyUser(random_)).userName();
    require(lookup_.run() > 0, "a loaded user is not found by e-mail address");
    return true;
  }

 private:
  /// Of `emails.value` in scim-schemas/.
  static constexpr int kEmailIndex = 10;
  LookUpUsers lookup_;
};

class FilterPrefix final : public Bound {
 public:
  FilterPrefix(const Workbench& bench, store::Session& session, Choice& choice, unsigned thread)
      : Bound(bench, session, choice, thread),
        read_(session, domain_,
              forDomain("SELECT r.seq, r.id, r.version, r.created, r.modified, r.document FROM "
                        "(SELECT seq FROM {domain}.users WHERE user_name_fold >= ? AND "
                        "user_name_fold < ? ORDER BY seq LIMIT 100) p JOIN {domain}.users r ON "
                        "r.seq = p.seq"),
              from_, before_) {}

  bool run() override {
    from_ = people_.person(choice_.anyUser(random_)).userNamePrefix();
    before_ = from_;
    ++before_.back();
    require(read_.run() > 0, "a loaded user is not found by the beginning of the name");
    return true;
  }

 private:
  std::string from_;
  std::string before_;
  ReadUsers read_;
};

/// Page after page of all users by their row numbers, from the first again behind the last.
class Export final : public Bound {
 public:
  Export(const Workbench& bench, store::Session& session, Choice& choice, unsigned thread)
      : Bound(bench, session, choice, thread),
        read_(session, domain_,
              forDomain("SELECT seq, id, version, created, modified, document FROM {domain}.users "
                        "WHERE seq > ? ORDER BY seq LIMIT ?"),
              after_, limit_) {}

  bool run() override {
    require(read_.run() > 0, "there are no users");
    after_ = read_.last;
    if (after_ > static_cast<long long>(people_.layout().users - kExportUsers)) after_ = 0;
    return true;
  }

 private:
  long long after_ = 0;
  long long limit_ = kExportUsers;
  ReadUsers read_;
};

class CreateUser final : public Bound {
 public:
  CreateUser(const Workbench& bench, store::Session& session, Choice& choice, unsigned thread,
             std::vector<UserTemplate> templates)
      : Bound(bench, session, choice, thread),
        templates_(std::move(templates)),
        insert_(session, domain_, templates_.front().entries().size()),
        audit_(session, control_, sql::kInsertAuditEvent, "user.created", kAuditedChanges) {}

  bool run() override {
    auto& user = templates_[next_++ % templates_.size()];
    user.set(choice_.freshLabel());
    const auto id = ResourceId::generate(domain_number_, ResourceKind::kUser);
    begin();
    insert_.run(id, user);
    audit_.run(id.bytes());
    commit();
    return true;
  }

 private:
  std::vector<UserTemplate> templates_;
  std::size_t next_ = 0;
  InsertUser insert_;
  InsertAudit audit_;
};

class PatchUser final : public Bound {
 public:
  PatchUser(const Workbench& bench, store::Session& session, Choice& choice, unsigned thread)
      : Bound(bench, session, choice, thread),
        lock_(session, forDomain(sql::kLockUser)),
        groups_(session),
        update_(session),
        audit_(session, control_, sql::kInsertAuditEvent, "user.updated", kAuditedChange) {
    groups_.into(group_id_);
    groups_.into(group_name_);
    groups_.prepare(forDomain(sql::kGroupsOfUser), lock_.id);
    update_.prepare(forDomain(sql::kUpdateUser), fold_, case_, external_id_, version_, modified_,
                    lock_.document, seq_);
  }

  bool run() override {
    const auto n = choice_.changingUser(random_);
    const auto person = people_.person(n);
    lock_.id.assign(people_.userId(n).bytes());
    begin();
    require(lock_.run() == 1, "a loaded user is not there");
    groups_.fetchAll();
    fold_ = person.userName();
    external_id_ = person.subject();
    version_ = static_cast<long long>(lock_.version) + 1;
    modified_ = now();
    seq_ = static_cast<long long>(lock_.seq);
    setTitle(lock_.document, "Reviewer " + choice_.freshLabel());
    update_.run();
    audit_.run(lock_.id);
    commit();
    return true;
  }

 private:
  static void setTitle(std::string& document, const std::string& title) {
    constexpr std::string_view kKey = R"("title":")";
    const auto from = document.find(kKey);
    require(from != std::string::npos, "a stored user has no title");
    const auto value = from + kKey.size();
    document.replace(value, document.find('"', value) - value, title);
  }

  LockRow lock_;
  std::string group_id_;
  std::string group_name_;
  ReusedStatement groups_;
  std::string fold_;
  std::string case_;
  NullableText external_id_;
  long long version_ = 0;
  long long modified_ = 0;
  long long seq_ = 0;
  ReusedStatement update_;
  InsertAudit audit_;
};

class AddMember final : public Bound {
 public:
  AddMember(const Workbench& bench, store::Session& session, Choice& choice, unsigned thread,
            Operation operation)
      : Bound(bench, session, choice, thread),
        operation_(operation),
        share_(session),
        lock_(session, forDomain(sql::kLockGroup)),
        insert_(session),
        raise_(session),
        audit_(session, control_, sql::kInsertAuditEventIfChanged, "group.updated", kAuditedChange),
        claim_(session) {
    share_.into(user_seq_);
    share_.into(found_id_);
    share_.prepare(store::withList(forDomain(sql::kShareUsers), "?"), user_id_);
    insert_.prepare(forDomain(sql::kInsertMembers) + "(?,?,1)", group_, user_);
    raise_.prepare(forDomain(sql::kRaiseGroupIfChanged), modified_, group_);
    claim_.prepare(store::withList(forDomain(sql::kClaimMembers), "?"), group_, user_);
  }

  bool run() override {
    const auto member = choice_.newMember(operation_);
    if (!member) return false;
    user_id_.assign(people_.userId(member->user).bytes());
    lock_.id.assign(people_.groupId(member->group).bytes());
    begin();
    require(share_.fetchAll() == 1, "a loaded user is not there");
    require(lock_.run() == 1, "a loaded group is not there");
    group_ = static_cast<long long>(lock_.seq);
    user_ = static_cast<long long>(user_seq_);
    modified_ = now();
    insert_.run();
    raise_.run();
    require(raise_.affected() == 1, "the user is in the group already");
    audit_.run(lock_.id);
    claim_.run();
    commit();
    return true;
  }

 private:
  Operation operation_;
  std::string user_id_;
  unsigned long long user_seq_ = 0;
  std::string found_id_;
  ReusedStatement share_;
  LockRow lock_;
  long long group_ = 0;
  long long user_ = 0;
  long long modified_ = 0;
  ReusedStatement insert_;
  ReusedStatement raise_;
  InsertAudit audit_;
  ReusedStatement claim_;
};

class JitKnown final : public Bound {
 public:
  JitKnown(const Workbench& bench, store::Session& session, Choice& choice, unsigned thread)
      : Bound(bench, session, choice, thread), find_(session, domain_, control_, provider_) {}

  bool run() override {
    find_.subject = people_.person(choice_.steadyUser(random_)).subject();
    require(find_.run() > 0, "a linked user is not found");
    return true;
  }

 private:
  FindLinkedUser find_;
};

/// The query of a known user, and one verification by RS256.
class LoginIdToken final : public Bound {
 public:
  LoginIdToken(const Workbench& bench, store::Session& session, Choice& choice, unsigned thread,
               const std::string& signing_key)
      : Bound(bench, session, choice, thread),
        signer_(signing_key),
        find_(session, domain_, control_, provider_) {
    for (std::uint64_t i = 0; i < kTemplates; ++i) {
      const std::string token =
          signer_.token(claims(people_.person(tokenUser(people_.layout(), i))));
      const auto dot = token.rfind('.');
      signed_.emplace_back(token.substr(0, dot), *fromBase64(token.substr(dot + 1)));
    }
  }

  bool run() override {
    const auto& [input, signature] = signed_[next_++ % signed_.size()];
    require(signer_.verifies(input, signature), "a signature does not hold");
    const auto user = tokenUser(people_.layout(), random_() % kTokenUsers);
    find_.subject = people_.person(user).subject();
    require(find_.run() > 0, "a linked user is not found");
    return true;
  }

 private:
  const TokenSigner signer_;
  std::vector<std::pair<std::string, std::string>> signed_;
  std::size_t next_ = 0;
  FindLinkedUser find_;
};

/// A first login to be stored under many labels.
struct LoginTemplate {
  UserTemplate user;
  LabelledText subject;
  std::string digest;
  std::string group_key;
};

class JitNew final : public Bound {
 public:
  JitNew(const Workbench& bench, store::Session& session, Choice& choice, unsigned thread,
         std::vector<LoginTemplate> templates)
      : Bound(bench, session, choice, thread),
        templates_(std::move(templates)),
        find_(session, domain_, control_, provider_),
        by_name_(session, domain_, store::FoundBy::kUserName, false),
        group_by_name_(session),
        identity_(session),
        insert_(session, domain_, templates_.front().user.entries().size()),
        raise_(session),
        membership_(session),
        grant_(session),
        audit_(session),
        trace_(session) {
    group_by_name_.into(group_);
    group_by_name_.into(group_id_);
    group_by_name_.into(group_name_);
    group_by_name_.into(found_key_);
    group_by_name_.prepare(store::withList(forDomain(sql::kGroupsByName), "?"), group_key_);
    identity_.prepare(forDomain(sql::kInsertIdentity), provider_, find_.subject, user_id_, digest_,
                      version_, created_, created_);
    raise_.prepare(store::withList(forDomain(sql::kRaiseGroups), "?"), created_, group_);
    membership_.prepare(store::withList(forDomain(sql::kInsertNewUsersMemberships), "?"), group_);
    grant_.prepare(forDomain(sql::kInsertNewUsersGrants), provider_);
    audit_.prepare(forDomain(sql::kInsertAuditEvent), created_, correlation_, action_, actor_,
                   actor_, provider_name_, find_.subject, identity_key_, audited_domain_,
                   domain_name_, user_id_, version_, version_, code_, changes_);
    trace_.prepare(forDomain(sql::kInsertAuditTrace), created_, steps_);
  }

  bool run() override {
    auto& login = templates_[next_++ % templates_.size()];
    const std::string label = choice_.freshLabel();
    login.user.set(label);
    login.subject.set(label);
    find_.subject = login.subject.text();
    require(find_.run() == 0, "a new subject is linked already");
    by_name_.key = login.user.userNameFold();
    require(by_name_.run() == 0, "a new user name is taken");
    group_key_ = login.group_key;
    require(group_by_name_.fetchAll() == 1, "a department's group is not there");
    const auto id = ResourceId::generate(domain_number_, ResourceKind::kUser);
    user_id_.assign(id.bytes());
    digest_ = login.digest;
    created_ = now();
    begin();
    identity_.run();
    insert_.run(id, login.user);
    raise_.run();
    membership_.run();
    grant_.run();
    correlation_ = toHex(randomBytes(8));
    identity_key_ = randomBytes(16);
    audit_.run();
    trace_.run();
    commit();
    return true;
  }

 private:
  std::vector<LoginTemplate> templates_;
  std::size_t next_ = 0;
  FindLinkedUser find_;
  LookUpUsers by_name_;
  unsigned long long group_ = 0;
  std::string group_id_;
  std::string group_name_;
  std::string found_key_;
  std::string group_key_;
  ReusedStatement group_by_name_;
  std::string user_id_;
  std::string digest_;
  long long version_ = 1;
  long long created_ = 0;
  ReusedStatement identity_;
  InsertUser insert_;
  ReusedStatement raise_;
  ReusedStatement membership_;
  ReusedStatement grant_;
  // The row of the audit and its trace, as long as those of a login of the population.
  std::string correlation_;
  std::string action_ = "jit.created";
  std::string actor_ = std::string(32, 'a');
  std::string provider_name_ = "bench-idp";
  std::string identity_key_;
  unsigned long long audited_domain_ = 2;
  std::string domain_name_ = "BENCH";
  std::string code_;
  std::string changes_ = std::string(kAuditedChanges, 'c');
  std::string steps_ = std::string(kAuditedTrace, 't');
  ReusedStatement audit_;
  ReusedStatement trace_;
};

/// Somebody whose texts can be stored under any label. Never the first user, who has no manager:
/// all have the same number of index entries.
Person templatePerson(const Population& people, std::uint64_t number) {
  return people.person(1 + number % (people.layout().users - 1), std::string(kTemplateLabel));
}

Result<std::vector<UserTemplate>> userTemplates(const Workbench& bench) {
  std::vector<UserTemplate> templates;
  for (std::uint64_t i = 0; i < kTemplates; ++i) {
    auto write = bench.writeOf(templatePerson(bench.population(), i));
    if (!write) return propagate(write);
    templates.emplace_back(*write);
  }
  return templates;
}

Result<std::vector<LoginTemplate>> loginTemplates(const Workbench& bench) {
  std::vector<LoginTemplate> templates;
  for (std::uint64_t i = 0; i < kTemplates; ++i) {
    const auto person = templatePerson(bench.population(), i);
    auto write = bench.loginWriteOf(person);
    if (!write) return propagate(write);
    auto group = bench.writeOfGroup(1 + person.department);
    if (!group) return propagate(group);
    templates.push_back({UserTemplate(write->user), LabelledText(person.subject()),
                         std::move(write->claims_digest), std::move(group->keys.display_name_key)});
  }
  return templates;
}

}  // namespace

Result<std::unique_ptr<BoundOperation>> makeBound(Operation operation, const Workbench& bench,
                                                  store::Session& session, Choice& choice,
                                                  unsigned thread, const std::string& signing_key) {
  using Made = std::unique_ptr<BoundOperation>;
  switch (operation) {
    case Operation::kGetUser:
      return Made(std::make_unique<GetUser>(bench, session, choice, thread));
    case Operation::kFilterUsername:
      return Made(std::make_unique<FilterUsername>(bench, session, choice, thread));
    case Operation::kCreateUser:
    case Operation::kBulkCreate: {
      auto templates = userTemplates(bench);
      if (!templates) return propagate(templates);
      return Made(
          std::make_unique<CreateUser>(bench, session, choice, thread, *std::move(templates)));
    }
    case Operation::kFilterEmail:
      return Made(std::make_unique<FilterEmail>(bench, session, choice, thread));
    case Operation::kFilterPrefix:
      return Made(std::make_unique<FilterPrefix>(bench, session, choice, thread));
    case Operation::kExport:
      return Made(std::make_unique<Export>(bench, session, choice, thread));
    case Operation::kPatchUser:
      return Made(std::make_unique<PatchUser>(bench, session, choice, thread));
    case Operation::kAddMemberLarge:
    case Operation::kAddMemberSmall:
      return Made(std::make_unique<AddMember>(bench, session, choice, thread, operation));
    case Operation::kJitKnown:
      return Made(std::make_unique<JitKnown>(bench, session, choice, thread));
    case Operation::kLoginIdToken:
      return Made(std::make_unique<LoginIdToken>(bench, session, choice, thread, signing_key));
    case Operation::kJitNew: {
      auto templates = loginTemplates(bench);
      if (!templates) return propagate(templates);
      return Made(std::make_unique<JitNew>(bench, session, choice, thread, *std::move(templates)));
    }
    case Operation::kForwardAuthWarm:
    case Operation::kQueueNew:
    case Operation::kHealthz:
      break;  // nothing of it is SQL
  }
  return internalFailure("an operation without a bound");
}

}  // namespace vestibule::bench
