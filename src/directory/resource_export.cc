#include "directory/resource_export.h"

#include <map>
#include <utility>

#include "directory/list_walk.h"
#include "directory/local_filter.h"
#include "directory/stored_document.h"
#include "directory/users.h"
#include "json/write.h"
#include "scim/lines/column_mapping.h"
#include "scim/lines/csv_text.h"
#include "scim/message.h"
#include "scim/path/attribute_path.h"
#include "scim/resource/render.h"
#include "store/group_store.h"
#include "store/user_batch_store.h"

namespace vestibule::directory {
namespace {

constexpr std::uint64_t kResourcesPerPage = 500;
constexpr std::size_t kMembersPerLine = 1'000;
/// Between the values of one column.
constexpr std::string_view kValueSeparator = ";";

class Export {
 public:
  Export(const Context& context, const View& view, const ExportRequest& request,
         const ExportSink& sink)
      : context_(context),
        view_(view),
        domain_(*view.soleDomain()),
        type_(request.kind == ResourceKind::kUser ? *context.user_type : *context.group_type),
        request_(request),
        sink_(sink) {
    // A filter that no index serves takes long here, and disturbs nobody: it reads by the piece.
    constexpr std::uint64_t kEverything = std::uint64_t{1} << 62U;
    context_.limits.scan_limit = kEverything;
  }

  Result<ExportProgress> run() {
    auto source = makeSource();
    if (!source) return propagate(source);
    if (auto prepared = prepareText(); !prepared) return propagate(prepared);
    ListWalk walk;
    walk.sources.push_back(*std::move(source));
    walk.by_cursor = true;
    walk.count = kResourcesPerPage;
    walk.sources.front().with_groups = with_groups_;
    do {
      if (sink_.stop != nullptr && sink_.stop->load()) return progress_;
      auto page = readListPage(context_, view_, walk);
      if (!page) return propagate(page);
      if (page->total) progress_.total = page->total;
      if (auto written = writePage(page->resources); !written) return propagate(written);
      walk.after = std::move(page->next);
      if (sink_.progress) sink_.progress(progress_);
    } while (walk.after);
    progress_.finished = true;
    return progress_;
  }

 private:
  Result<ListSource> makeSource() const {
    ListSource source;
    source.type = &type_;
    source.kind = request_.kind;
    source.domain = &domain_;
    if (!request_.filter) return source;
    auto filter =
        scim::parseFilter(*context_.registry, type_, *request_.filter, {}, view_.tolerating());
    if (!filter) return propagate(filter);
    source.filter = localFilter(type_, *filter, view_, domain_);
    return source;
  }

  Result<void> prepareText() {
    if (!request_.csv) return prepareProjection();
    auto names = request_.columns;
    if (names.empty()) {
      names = scim::usualColumns(type_);
      if (request_.password_hashes && type_.credential != nullptr) {
        names.push_back(type_.credential->name);
      }
    }
    std::vector<std::string> header;
    for (const auto& name : names) {
      auto column = scim::ColumnTarget::bind(*context_.registry, type_, name);
      if (!column) return propagate(column);
      if (column->isCredential() && !request_.password_hashes) {
        return failure(ErrorKind::kInvalidValue,
                       "'" + name + "' is written with --password-hashes only");
      }
      header.push_back(column->text());
      columns_.push_back(*std::move(column));
    }
    std::string text;
    scim::appendCsvRow(text, header, request_.separator);
    return sink_.write(text);
  }

  Result<void> prepareProjection() {
    if (request_.attributes.empty()) return {};
    for (const auto& path : request_.attributes) {
      auto known =
          scim::resolveAttribute(*context_.registry, type_, path, ErrorKind::kInvalidValue);
      if (!known) return propagate(known);
    }
    auto projection = scim::Projection::parse(*context_.registry, type_, request_.attributes, {});
    if (!projection) return propagate(projection);
    projection_ = *std::move(projection);
    scim::AttributeRef relation{type_.schema, false, scim::relationOf(type_), nullptr};
    with_groups_ = request_.kind == ResourceKind::kUser && projection_.shows(relation);
    with_members_ = projection_.shows(relation);
    return {};
  }

  Result<void> writePage(const std::vector<Listed>& resources) {
    std::map<ResourceId, std::string> hashes;
    if (request_.password_hashes && request_.kind == ResourceKind::kUser) {
      std::vector<ResourceId> ids;
      ids.reserve(resources.size());
      for (const auto& each : resources) ids.push_back(each.resource.resource.meta.id);
      auto read = context_.database->read([&](store::Session& session) {
        return store::readPasswordHashes(session, domain_.tables(), ids);
      });
      if (!read) return propagate(read);
      for (auto& [id, hash] : *read) hashes.emplace(id, std::move(hash));
    }
    std::string text;
    for (const auto& each : resources) {
      const auto& stored = each.resource.resource;
      const auto hash = hashes.find(stored.meta.id);
      const std::string* password = hash == hashes.end() ? nullptr : &hash->second;
      ++progress_.resources;
      Result<void> added;
      if (request_.csv) {
        added = addRow(text, stored, password);
      } else if (request_.kind == ResourceKind::kUser) {
        added = addUser(text, each.resource, password);
      } else {
        added = addGroup(text, stored);
      }
      if (!added) return added;
    }
    return sink_.write(text);
  }

  Result<void> addRow(std::string& text, const store::StoredResource& stored,
                      const std::string* password) {
    auto attributes = parseStored(stored.document);
    if (!attributes) return propagate(attributes);
    attributes->set("id", stored.meta.id.text());
    if (password != nullptr) attributes->set(type_.credential->name, *password);
    std::vector<std::string> fields;
    fields.reserve(columns_.size());
    for (const auto& column : columns_) fields.push_back(column.read(*attributes, kValueSeparator));
    scim::appendCsvRow(text, fields, request_.separator);
    ++progress_.lines;
    return {};
  }

  Result<void> addUser(std::string& text, const store::StoredUser& user,
                       const std::string* password) {
    auto rendered = renderUser(context_, view_, domain_, user, projection_);
    if (!rendered) return propagate(rendered);
    text += rendered->body;
    if (password != nullptr) {
      text.pop_back();
      text += ",\"" + type_.credential->name + "\":";
      json::appendString(text, *password);
      text += '}';
    }
    endLine(text);
    return {};
  }

  /// The group with its first members, and lines with the others. What is complete goes to the sink
  /// meanwhile.
  Result<void> addGroup(std::string& text, const store::StoredResource& group) {
    auto attributes = parseStored(group.document);
    if (!attributes) return propagate(attributes);
    const auto* name = attributes->find(type_.naming_attribute->name);
    store::MemberPlace after;
    for (bool first = true;; first = false) {
      store::MemberPage page;
      if (with_members_) {
        auto read = context_.database->read([&](store::Session& session) {
          return store::listMembers(session, domain_.tables(), group.meta.id, after,
                                    kMembersPerLine);
        });
        if (!read) return propagate(read);
        page = *std::move(read);
      }
      if (first) {
        addFirstLine(text, group, *attributes, page.members);
      } else if (!page.members.empty()) {
        addMoreMembers(text, name == nullptr ? json::Value() : *name, page.members);
      }
      if (page.members.size() < kMembersPerLine) return {};
      after = page.last;
      if (auto written = sink_.write(text); !written) return written;
      text.clear();
    }
  }

  void addFirstLine(std::string& text, const store::StoredResource& group,
                    const json::Object& attributes,
                    const std::vector<store::StoredMember>& members) {
    if (projection_.isDefault()) {
      scim::appendUpToRelation(text, type_, group.document, group.meta.id, {});
    } else {
      text += json::write(projection_.apply(
          type_, scim::completeResource(type_, attributes, group.meta, view_.baseUrl(), {}, {})));
      text.pop_back();  // the brace; `id` is always there, so what follows needs a comma
    }
    if (!members.empty()) {
      text += ",\"" + scim::relationOf(type_)->name + "\":";
      addMembers(text, members);
    }
    if (projection_.isDefault()) {
      scim::appendMeta(text, type_, group.meta, view_.baseUrl());
    } else {
      text += '}';
    }
    endLine(text);
  }

  void addMoreMembers(std::string& text, const json::Value& name,
                      const std::vector<store::StoredMember>& members) {
    text += R"({"schemas":[)";
    json::appendString(text, scim::kPatchOpSchema);
    text += "],\"" + type_.naming_attribute->name + "\":";
    json::append(text, name);
    text += R"(,"Operations":[{"op":"add","path":"members","value":)";
    addMembers(text, members);
    text += "}]}";
    endLine(text);
  }

  void addMembers(std::string& text, const std::vector<store::StoredMember>& members) const {
    text += '[';
    bool first = true;
    for (const auto& member : members) {
      if (!std::exchange(first, false)) text += ',';
      const bool is_group = member.id.kind() == ResourceKind::kGroup;
      scim::appendMember(text, {member.id, member.name}, view_.baseUrl(), {},
                         is_group ? *context_.group_type : *context_.user_type);
    }
    text += ']';
  }

  void endLine(std::string& text) {
    text += '\n';
    ++progress_.lines;
  }

  Context context_;
  const View& view_;
  const Domain& domain_;
  const scim::ResourceType& type_;
  const ExportRequest& request_;
  const ExportSink& sink_;
  scim::Projection projection_;
  bool with_groups_ = false;
  bool with_members_ = true;
  std::vector<scim::ColumnTarget> columns_;
  ExportProgress progress_;
};

}  // namespace

Result<ExportProgress> exportResources(const Context& context, const View& view,
                                       const ExportRequest& request, const ExportSink& sink) {
  return Export(context, view, request, sink).run();
}

}  // namespace vestibule::directory
