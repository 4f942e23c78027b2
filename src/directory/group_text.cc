#include "directory/group_text.h"

#include <utility>

#include "directory/stored_document.h"
#include "json/write.h"
#include "scim/resource/render.h"

namespace vestibule::directory {
namespace {

constexpr std::size_t kMembersPerPiece = 2'000;

scim::AttributeRef membersOf(const scim::ResourceType& type) {
  scim::AttributeRef members;
  members.schema = type.schema;
  members.attribute = scim::relationOf(type);
  return members;
}

}  // namespace

GroupText::GroupText(const Context& context, const View& view, const Domain& domain,
                     const store::StoredResource& group, const scim::Projection& projection)
    : context_(&context),
      tables_(domain.tables()),
      base_url_(view.baseUrl()),
      naming_prefix_(view.namingPrefix(domain)),
      group_(group),
      projection_(projection),
      stored_form_(projection.isDefault() && context.group_type->stored_as_returned),
      shows_members_(projection.shows(membersOf(*context.group_type))) {}

Result<std::string> GroupText::next() {
  std::string text;
  if (part_ == Part::kAttributes) {
    if (auto done = appendAttributes(text); !done) return propagate(done);
    part_ = Part::kMembers;
  }
  if (part_ == Part::kMembers) {
    if (auto done = appendMembers(text); !done) return propagate(done);
  }
  return text;
}

Result<void> GroupText::appendAttributes(std::string& text) {
  const auto& type = *context_->group_type;
  if (stored_form_) {
    scim::appendUpToRelation(text, type, group_.document, group_.meta.id, naming_prefix_);
    return {};
  }
  auto attributes = parseStored(group_.document);
  if (!attributes) return propagate(attributes);
  text = json::write(
      projection_.apply(type, scim::completeResource(type, *std::move(attributes), group_.meta,
                                                     base_url_, naming_prefix_, {})));
  text.pop_back();  // the brace; `id` is always there, so what follows needs a comma
  return {};
}

Result<void> GroupText::appendMembers(std::string& text) {
  if (!shows_members_) {
    appendEnd(text);
    return {};
  }
  auto page = context_->database->read([&](store::Session& session) {
    return store::listMembers(session, tables_, group_.meta.id, after_, kMembersPerPiece);
  });
  if (!page) return propagate(page);
  const bool last = page->members.size() < kMembersPerPiece;
  after_ = page->last;
  appendElements(text, std::move(page->members));
  if (last) appendEnd(text);
  return {};
}

void GroupText::appendElements(std::string& text, std::vector<store::StoredMember> members) {
  const auto& type = *context_->group_type;
  const auto typeOf = [&](const ResourceId& member) -> const scim::ResourceType& {
    return member.kind() == ResourceKind::kGroup ? type : *context_->user_type;
  };
  const auto separate = [&] {
    text += any_member_ ? "," : R"(,"members":[)";
    any_member_ = true;
  };
  if (stored_form_) {
    for (auto& member : members) {
      separate();
      scim::appendMember(text, {member.id, std::move(member.name)}, base_url_, naming_prefix_,
                         typeOf(member.id));
    }
    return;
  }
  json::Array elements;
  for (auto& member : members) {
    elements.emplace_back(scim::memberObject({member.id, std::move(member.name)}, base_url_,
                                             naming_prefix_, typeOf(member.id)));
  }
  const std::string& name = scim::relationOf(type)->name;
  const json::Object shown =
      projection_.apply(type, json::Object{{name, json::Value(std::move(elements))}});
  const json::Value* array = shown.find(name);
  if (array == nullptr) return;
  for (const json::Value& element : *array->array()) {
    separate();
    text += json::write(element);
  }
}

void GroupText::appendEnd(std::string& text) {
  if (any_member_) text += ']';
  if (stored_form_) {
    scim::appendMeta(text, *context_->group_type, group_.meta, base_url_);
  } else {
    text += '}';
  }
  part_ = Part::kDone;
}

Result<Rendered> renderGroup(const Context& context, const View& view, const Domain& domain,
                             const store::StoredResource& group,
                             const scim::Projection& projection) {
  Rendered rendered;
  rendered.meta = group.meta;
  rendered.location = scim::locationOf(*context.group_type, view.baseUrl(), group.meta.id);
  GroupText text(context, view, domain, group, projection);
  auto first = text.next();
  if (!first) return propagate(first);
  rendered.body = *std::move(first);
  if (!text.done()) {
    rendered.rest = [text = std::move(text)]() mutable -> Result<std::string> {
      if (text.done()) return std::string();
      return text.next();
    };
  }
  return rendered;
}

}  // namespace vestibule::directory
