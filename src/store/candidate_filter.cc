#include "store/candidate_filter.h"

#include <unordered_map>

#include "json/parse.h"
#include "scim/resource/render.h"
#include "scim/schema/comparison_key.h"
#include "store/filter_plan.h"
#include "store/result_rows.h"
#include "store/statement_batch.h"
#include "store/statement_text.h"

namespace vestibule::store {

CandidateFilter::CandidateFilter(Session& session, const DomainTables& domain,
                                 const SearchRequest& request, scim::BoundFilter rest)
    : session_(session),
      domain_(domain),
      request_(request),
      rest_(std::move(rest)),
      related_type_(request.registry->findResourceType(
          request.kind == ResourceKind::kUser ? "Group" : "User")),
      prefix_(namingPrefixKey(*request.type, request.naming_prefix)) {
  lookAt(rest_.root);
}

void CandidateFilter::lookAt(scim::NodeIndex index) {
  const auto& node = rest_.nodes[index];
  if (const auto* comparison = std::get_if<scim::Comparison>(&node)) {
    const bool naming = comparison->attribute.attribute == request_.type->naming_attribute &&
                        comparison->attribute.sub == nullptr;
    if (naming && !prefix_.empty()) {
      names_.push_back({index, comparison->op, comparison->key});
    } else {
      lookAt(comparison->attribute);
    }
  } else if (const auto* present = std::get_if<scim::Present>(&node)) {
    lookAt(present->attribute);
  } else if (const auto* all = std::get_if<scim::And>(&node)) {
    for (const auto child : all->children) lookAt(child);
  } else if (const auto* any = std::get_if<scim::Or>(&node)) {
    for (const auto child : any->children) lookAt(child);
  } else if (const auto* path = std::get_if<scim::ValuePath>(&node)) {
    lookAt(path->attribute);
    lookAt(path->child);
  } else {
    lookAt(std::get<scim::Not>(node).child);
  }
}

void CandidateFilter::lookAt(const scim::AttributeRef& attribute) {
  if (attribute.schema == nullptr) needs_completion_ = true;
  if (attribute.attribute->relation) {
    needs_relation_ = true;
    needs_completion_ = true;
  }
}

void CandidateFilter::settleNames(const json::Object& attributes) {
  if (names_.empty()) return;
  const auto* name = attributes.find(request_.type->naming_attribute->name);
  const auto key = name == nullptr ? Result<std::string>(std::string())
                                   : scim::comparisonKey(*request_.type->naming_attribute, *name);
  for (const auto& comparison : names_) {
    const bool equality =
        comparison.op == scim::CompareOp::kEq || comparison.op == scim::CompareOp::kNe;
    const bool matches =
        name != nullptr && key
            ? scim::holds(comparison.op, equality ? *key : prefix_ + *key, comparison.literal)
            : comparison.op == scim::CompareOp::kNe;
    // An empty `and` is true, an empty `or` is false.
    if (matches) {
      rest_.nodes[comparison.node] = scim::And{};
    } else {
      rest_.nodes[comparison.node] = scim::Or{};
    }
  }
}

Result<std::vector<json::Array>> CandidateFilter::readMembers(
    const std::vector<NumberedUser>& groups) {
  std::vector<json::Array> members(groups.size());
  if (groups.empty()) return members;
  std::unordered_map<std::uint64_t, std::size_t> places;
  std::vector<std::uint64_t> numbers;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    places.emplace(groups[i].seq, i);
    numbers.push_back(groups[i].seq);
  }
  StatementBatch batch;
  const std::string list = numberList(numbers);
  for (const auto statement : {sql::kMembersOfGroups, sql::kNestedMembersOfGroups}) {
    batch.add(withList(forSchemas(statement, domain_.schema), list),
              {request_.scan_limit - members_read_ + 1});
  }
  auto results = batch.run(session_);
  if (!results) return propagate(results);
  for (auto& result : *results) members_read_ += result.rows.size();
  if (members_read_ > request_.scan_limit) return scanLimitPassed(request_.scan_limit);
  for (auto& result : *results) {
    for (auto& row : result.rows) {
      const scim::GroupMember member{idAt(row, 1), takeText(row, 2)};
      const auto& type = member.id.kind() == ResourceKind::kGroup ? *request_.type : *related_type_;
      members[places.at(unsignedAt(row, 0))].emplace_back(
          scim::memberObject(member, request_.base_url, request_.naming_prefix, type));
    }
  }
  return members;
}

Result<std::vector<bool>> CandidateFilter::match(const std::vector<NumberedUser>& candidates) {
  std::vector<json::Array> members;
  if (needs_relation_ && !needsGroups()) {
    auto read = readMembers(candidates);
    if (!read) return propagate(read);
    members = *std::move(read);
  }
  std::vector<bool> matches;
  matches.reserve(candidates.size());
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto& stored = candidates[i].user;
    auto parsed = json::parse(stored.resource.document);
    if (!parsed || !parsed->isObject()) {
      return internalFailure("a stored document is not a JSON object");
    }
    json::Object resource = std::move(*parsed->object());
    settleNames(resource);
    if (needs_completion_) {
      json::Array relation;
      if (needsGroups()) {
        relation = scim::groupsArray(stored.groups, request_.base_url, request_.naming_prefix,
                                     *related_type_);
      } else if (needs_relation_) {
        relation = std::move(members[i]);
      }
      resource =
          scim::completeResource(*request_.type, std::move(resource), stored.resource.meta,
                                 request_.base_url, request_.naming_prefix, std::move(relation));
    }
    matches.push_back(scim::evaluate(rest_, resource));
  }
  return matches;
}

tl::unexpected<Error> scanLimitPassed(std::uint64_t limit) {
  return failure(
      ErrorKind::kTooMany,
      "no index serves this filter, and more than " + std::to_string(limit) +
          " resources would have to be read: compare an indexed attribute by \"eq\", \"sw\" or "
          "a range");
}

}  // namespace vestibule::store
