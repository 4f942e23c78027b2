#include "directory/group_import.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/unicode.h"
#include "directory/addressing.h"
#include "directory/groups.h"
#include "scim/message.h"
#include "scim/resource/validate.h"

namespace vestibule::directory {
namespace {

/// Names of members that a report tells of.
constexpr std::size_t kNamesShown = 10;

tl::unexpected<Error> noSuchGroup() {
  return failure(ErrorKind::kNotFound, "there is no such group", "displayName");
}

/// The name of the line's group. Error kInvalidValue without one.
Result<std::string> nameIn(const json::Value& body) {
  const auto* name = body.isObject() ? body.object()->findIgnoringCase("displayName") : nullptr;
  if (name == nullptr || !name->isString()) {
    return failure(ErrorKind::kInvalidValue, "displayName is required", "displayName");
  }
  return *name->string();
}

/// True for a line that adds members to a group that an earlier line is.
bool onlyAddsMembers(const json::Value& body) {
  const auto* schemas = body.find("schemas");
  return schemas != nullptr && schemas->isArray() &&
         std::find(schemas->array()->begin(), schemas->array()->end(),
                   json::Value(scim::kPatchOpSchema)) != schemas->array()->end();
}

/// The members that the line names, in one array.
Result<json::Value> membersIn(const json::Value& body) {
  if (!onlyAddsMembers(body)) {
    const auto* members = body.object()->findIgnoringCase("members");
    return members == nullptr || members->isNull() ? json::Value(json::Array()) : *members;
  }
  json::Array all;
  const auto* operations = body.object()->findIgnoringCase("Operations");
  if (operations == nullptr || !operations->isArray()) {
    return failure(ErrorKind::kInvalidSyntax, "the line has no Operations", "Operations");
  }
  for (const auto& operation : *operations->array()) {
    const auto verb = operation.stringAt("op").value_or("");
    const auto* value = operation.find("value");
    if (lowerAscii(verb) != "add" || operation.stringAt("path") != "members" || value == nullptr ||
        !value->isArray()) {
      return failure(ErrorKind::kInvalidValue, "the line has an operation that adds no members",
                     "Operations");
    }
    all.insert(all.end(), value->array()->begin(), value->array()->end());
  }
  return json::Value(std::move(all));
}

json::Array valuesOf(const std::vector<ResourceId>& ids) {
  json::Array values;
  values.reserve(ids.size());
  for (const auto& id : ids) values.emplace_back(json::Object{{"value", id.text()}});
  return values;
}

/// The body with these members in place of its own.
json::Value withMembers(const json::Value& body, json::Array members) {
  json::Object changed = *body.object();
  std::erase_if(changed.members(),
                [](const json::Member& member) { return lowerAscii(member.key) == "members"; });
  if (!members.empty()) changed.set("members", std::move(members));
  return changed;
}

tl::unexpected<Error> missingMembers(const std::vector<std::string>& missing, std::size_t all) {
  std::string names;
  for (std::size_t i = 0; i < missing.size() && i < kNamesShown; ++i) {
    names += (i == 0 ? "" : ", ") + printable(missing[i], 64);
  }
  if (missing.size() > kNamesShown) names += ", …";
  return failure(ErrorKind::kInvalidValue,
                 std::to_string(missing.size()) + " of " + std::to_string(all) +
                     " members are not in this domain, the others were added: " + names,
                 "members");
}

}  // namespace

GroupImport::GroupImport(const Context& context, const View& view, const GroupImportRules& rules)
    : context_(context), view_(view), domain_(*view.soleDomain()), rules_(rules) {}

Result<ImportedLines> GroupImport::makeGroups(std::vector<ImportLine> lines,
                                              store::ImportBatchMark* mark) {
  return take(std::move(lines), mark, &GroupImport::makeGroup);
}

Result<ImportedLines> GroupImport::addMembers(std::vector<ImportLine> lines,
                                              store::ImportBatchMark* mark) {
  return take(std::move(lines), mark, &GroupImport::addMembersOf);
}

Result<ImportedLines> GroupImport::take(std::vector<ImportLine> lines, store::ImportBatchMark* mark,
                                        Step step) {
  if (auto writable = requireWritable(domain_); !writable) return propagate(writable);
  ImportedLines imported;
  for (auto& line : lines) {
    // As it is stored with a group that is made; any other mark is stored below.
    if (mark != nullptr) mark->counts = {1, 0, 0, 0};
    auto outcome = std::move(line.body).and_then(
        [&](json::Value&& body) { return (this->*step)(body, mark); });
    if (!outcome && !isOfLine(outcome.error())) return propagate(outcome);
    if (!outcome) {
      ++imported.counts.rejected;
      imported.report += reportLine(line.number, outcome.error());
    } else if (*outcome == Outcome::kCreated) {
      ++imported.counts.created;
    } else if (*outcome == Outcome::kReplaced) {
      ++imported.counts.replaced;
    } else {
      ++imported.counts.unchanged;
    }
  }
  if (mark == nullptr || imported.counts.created > 0) return imported;
  mark->counts = imported.counts;
  mark->report = imported.report;
  auto marked = context_.database->write([&](store::Session& session) {
    return store::markImportBatch(session, context_.database->controlSchema(), *mark);
  });
  if (!marked) return propagate(marked);
  return imported;
}

Result<GroupImport::Outcome> GroupImport::makeGroup(const json::Value& body,
                                                    store::ImportBatchMark* mark) {
  auto name = nameIn(body);
  if (!name) return propagate(name);
  if (onlyAddsMembers(body)) return Outcome::kUnchanged;
  if (!rules_.writes) return tryGroup(body);
  if (rules_.mode != ImportMode::kCreate) {
    auto existing = findGroup(*name);
    if (!existing) return propagate(existing);
    if (*existing) return Outcome::kUnchanged;
    if (rules_.mode == ImportMode::kReplace) return noSuchGroup();
  }
  auto created = createGroup(context_, view_, withMembers(body, {}), {}, mark);
  if (!created) return propagate(created);
  return Outcome::kCreated;
}

/// What makeGroup would do, without doing it.
Result<GroupImport::Outcome> GroupImport::tryGroup(const json::Value& body) const {
  auto valid =
      scim::validateCreate(*context_.registry, *context_.group_type, body, view_.tolerating());
  if (!valid) return propagate(valid);
  if (auto named = localiseNameWithin(view_, *context_.group_type, domain_, valid->attributes);
      !named) {
    return propagate(named);
  }
  auto write = prepareGroupWrite(context_, domain_, valid->attributes, true);
  if (!write) return propagate(write);
  auto existing = findGroup(write->keys.display_name);
  if (!existing) return propagate(existing);
  if (*existing && rules_.mode == ImportMode::kCreate) {
    return failure(ErrorKind::kUniqueness, "another group has this displayName", "displayName");
  }
  if (!*existing && rules_.mode == ImportMode::kReplace) return noSuchGroup();
  return *existing ? Outcome::kUnchanged : Outcome::kCreated;
}

Result<GroupImport::Outcome> GroupImport::addMembersOf(const json::Value& body,
                                                       store::ImportBatchMark*) {
  auto name = nameIn(body);
  if (!name) return propagate(name);
  auto named = membersIn(body);
  if (!named) return propagate(named);
  if (!onlyAddsMembers(body)) accept(*name);
  const bool replaces = rules_.mode != ImportMode::kCreate && !onlyAddsMembers(body);
  if (!replaces && named->isArray() && named->array()->empty()) return Outcome::kUnchanged;
  auto group = findGroup(*name);
  if (!group) return propagate(group);
  if (!*group || isForeign(*name)) return noSuchGroup();
  auto members = findMembers(context_, domain_, *named, rules_.members_by);
  if (!members) return propagate(members);
  Result<Rendered> changed;
  if (replaces) {
    changed = replaceGroup(context_, view_, (*group)->text(),
                           withMembers(body, valuesOf(members->ids)), {}, {});
  } else if (!members->ids.empty()) {
    const json::Value patch(json::Object{
        {"schemas", json::Array{scim::kPatchOpSchema}},
        {"Operations",
         json::Array{json::Object{
             {"op", "add"}, {"path", "members"}, {"value", valuesOf(members->ids)}}}}});
    changed = patchGroup(context_, view_, (*group)->text(), patch, {}, {}, false);
  }
  if (!changed) return propagate(changed);
  if (!members->missing.empty()) {
    return missingMembers(members->missing, members->missing.size() + members->ids.size());
  }
  return Outcome::kReplaced;
}

Result<std::optional<ResourceId>> GroupImport::findGroup(const std::string& name) const {
  auto found = context_.database->read([&](store::Session& session) {
    return store::findGroupsByName(session, domain_.tables(), {foldCase(name)});
  });
  if (!found) return propagate(found);
  if (found->groups.empty()) return std::optional<ResourceId>();
  return std::optional(found->groups.front().id);
}

void GroupImport::passOver(const Result<json::Value>& body, bool was_rejected) {
  if (!body) return;
  const auto name = nameIn(*body);
  if (!name || onlyAddsMembers(*body)) return;
  const std::lock_guard lock(mutex_);
  (was_rejected ? rejected_ : accepted_).insert(foldCase(*name));
}

void GroupImport::accept(const std::string& name) {
  const std::lock_guard lock(mutex_);
  accepted_.insert(foldCase(name));
}

bool GroupImport::isForeign(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto key = foldCase(name);
  return rejected_.contains(key) && !accepted_.contains(key);
}

}  // namespace vestibule::directory
