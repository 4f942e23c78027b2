#pragma once
// What users tell of where they come from, read as a SCIM client reads it, and links as an
// administrator changes them.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "contract/jit/jit_test.h"
#include "directory/federated_identities.h"
#include "directory/listing.h"
#include "directory/provenance.h"

namespace vestibule::jit::test {

class ProvenanceTest : public test::JitTest {
 protected:
  static constexpr std::string_view kUrn = directory::kProvenanceSchema;

  json::Value shown(const ResourceId& user) {
    return parsed(must(directory::getUser(context_, view(), user.text(), {}, {})).body);
  }
  static json::Array entriesIn(const json::Value& user) {
    const json::Value* extension = user.find(kUrn);
    if (extension == nullptr) return {};
    return *extension->find("identities")->array();
  }
  /// `provider/subject state` of each entry, sorted, with `, ` between them.
  static std::string told(const json::Array& entries) {
    std::vector<std::string> lines;
    for (const auto& entry : entries) {
      lines.push_back(std::string(*entry.stringAt("identityProvider")) + "/" +
                      std::string(*entry.stringAt("subject")) + " " +
                      std::string(*entry.stringAt("state")));
    }
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const auto& line : lines) text += (text.empty() ? "" : ", ") + line;
    return text;
  }
  std::string told(const ResourceId& user) { return told(entriesIn(shown(user))); }
  /// `firstProvisioned` and `lastProvisioned` of the only entry; `-` where there is none.
  std::pair<std::string, std::string> dates(const ResourceId& user) {
    const auto entries = entriesIn(shown(user));
    EXPECT_EQ(entries.size(), 1U);
    return {std::string(entries.front().stringAt("firstProvisioned").value_or("-")),
            std::string(entries.front().stringAt("lastProvisioned").value_or("-"))};
  }
  std::uint64_t storedVersion(const ResourceId& user) {
    return must(directory::getUser(context_, view(), user.text(), {}, {})).meta.version.value();
  }
  bool listsSchema(const ResourceId& user) {
    const auto resource = shown(user);
    const auto& schemas = *resource.find("schemas")->array();
    return std::find(schemas.begin(), schemas.end(), json::Value(kUrn)) != schemas.end();
  }

  /// As if all that is noted in CORP had been noted long ago.
  void age() {
    onlooker_.run("UPDATE " + table("corp.users") +
                  " SET document = REPLACE(document, 'Provisioned\":\"20', 'Provisioned\":\"10')");
  }
  /// As if the users of CORP had been written by a version that noted nothing.
  void forgetAll() {
    onlooker_.run("UPDATE " + table("corp.users") + " SET document = CONCAT(SUBSTRING_INDEX(" +
                  "REPLACE(document, ',\"" + std::string(kUrn) + "\"]', ']'), ',\"" +
                  std::string(kUrn) + "\"', 1), '}')");
  }

  directory::Author author() const { return {gateway_.token_id, gateway_.name, "r"}; }
  void link(const std::string& subject, const ResourceId& user, const std::string& idp = "idp") {
    must(directory::linkIdentity(context_, {idp, Subject(subject)}, user, author()));
  }
  void move(const std::string& subject, const ResourceId& user) {
    must(directory::moveIdentity(context_, {"idp", Subject(subject)}, user, author()));
  }
  void unlink(const std::string& subject) {
    must(directory::unlinkIdentity(context_, {"idp", Subject(subject)}, author()));
  }
  /// The subjects that are linked to the user, sorted as `told` sorts them.
  std::string linked(const ResourceId& user) {
    std::vector<std::string> subjects;
    for (const auto& one : must(directory::identitiesOfUser(context_, user))) {
      subjects.push_back(one.subject.value());
    }
    std::sort(subjects.begin(), subjects.end());
    std::string text;
    for (const auto& subject : subjects) text += (text.empty() ? "" : ", ") + subject;
    return text;
  }
  std::string noted(const ResourceId& user) {
    std::vector<std::string> subjects;
    for (const auto& entry : entriesIn(shown(user))) {
      subjects.emplace_back(*entry.stringAt("subject"));
    }
    std::sort(subjects.begin(), subjects.end());
    std::string text;
    for (const auto& subject : subjects) text += (text.empty() ? "" : ", ") + subject;
    return text;
  }
  /// User names that a filter finds, sorted, or the word for its error. `ID` in it stands for the
  /// path of an entry's part, `IDS` for that of the entries.
  std::string found(std::string filter) {
    for (const auto& [word, text] :
         {std::pair<std::string, std::string>{"IDS", ""}, {"ID.", "."}}) {
      for (auto at = filter.find(word); at != std::string::npos; at = filter.find(word)) {
        filter.replace(at, word.size(), std::string(kUrn) + ":identities" + text);
      }
    }
    directory::ListRequest request;
    request.filter = filter;
    request.has_filter = true;
    const auto list =
        directory::listResources(context_, view(), {{context_.user_type, {}}}, request);
    if (!list) return list.error().kind == ErrorKind::kTooMany ? "too many" : list.error().detail;
    std::vector<std::string> names;
    const auto page = parsed(*list);
    if (const auto* resources = page.find("Resources")) {
      for (const auto& user : *resources->array()) names.emplace_back(*user.stringAt("userName"));
    }
    std::sort(names.begin(), names.end());
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : " ") + name;
    return text;
  }
};

}  // namespace vestibule::jit::test
