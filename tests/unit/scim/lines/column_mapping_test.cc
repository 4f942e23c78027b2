#include "scim/lines/column_mapping.h"

#include <gtest/gtest.h>

#include "json/write.h"
#include "support/scim_schemas.h"

namespace vestibule::scim {
namespace {

using test::parsed;
using test::schemas;

const ResourceType& userType() { return *schemas().registry->findResourceType("User"); }

Result<ColumnMapping> bind(const std::vector<std::string>& header, const std::string& file = "{}") {
  auto mapping = MappingFile::read(parsed(file));
  if (!mapping) return tl::make_unexpected(mapping.error());
  return ColumnMapping::bind(*schemas().registry, userType(), header, *mapping);
}

/// The resource of one row without its `schemas`; or what is wrong.
std::string mapped(const std::vector<std::string>& header, const std::vector<std::string>& row,
                   const std::string& file = "{}") {
  auto mapping = bind(header, file);
  if (!mapping) return mapping.error().detail;
  Record record;
  record.fields = row;
  auto resource = mapping->resourceOf(record);
  if (!resource) return resource.error().detail;
  auto object = *resource->object();
  object.erase("schemas");
  return json::write(object);
}

TEST(ColumnMapping, TakesPathsAsNames) {
  EXPECT_EQ(
      mapped({"userName", "name.givenName", "emails[type eq \"work\"].value", "active",
              "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"},
             {"jo", "Jo", "jo@x.org", "TRUE", "Tools"}),
      R"({"userName":"jo","name":{"givenName":"Jo"},)"
      R"("emails":[{"type":"work","value":"jo@x.org"}],"active":true,)"
      R"("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Tools"}})");
}

TEST(ColumnMapping, TakesCommonNamesWhateverTheirSpelling) {
  EXPECT_EQ(mapped({"Login", "First Name", "last_name", "E-Mail"}, {"jo", "Jo", "Doe", "j@x.org"}),
            R"({"userName":"jo","name":{"givenName":"Jo","familyName":"Doe"},)"
            R"("emails":[{"type":"work","value":"j@x.org"}]})");
}

TEST(ColumnMapping, LeavesOutEmptyFieldsAndWhatTheServerWrites) {
  EXPECT_EQ(mapped({"userName", "title", "meta.created", "groups"}, {"jo", "", "2020", "x"}),
            R"({"userName":"jo"})");
}

TEST(ColumnMapping, PutsPartsOfOneElementTogether) {
  EXPECT_EQ(mapped({"userName", "emails[type eq \"work\"].value",
                    "emails[type eq \"work\"].primary", "emails[type eq \"home\"].value"},
                   {"jo", "w@x.org", "true", "h@x.org"}),
            R"({"userName":"jo","emails":[{"type":"work","value":"w@x.org","primary":true},)"
            R"({"type":"home","value":"h@x.org"}]})");
}

TEST(ColumnMapping, DividesSeveralValues) {
  EXPECT_EQ(mapped({"userName", "emails"}, {"jo", "a@x.org; b@x.org;"}),
            R"({"userName":"jo","emails":[{"value":"a@x.org"},{"value":"b@x.org"}]})");
  EXPECT_EQ(mapped({"userName", "emails"}, {"jo", "a|b"}, R"({"separator": "|"})"),
            R"({"userName":"jo","emails":[{"value":"a"},{"value":"b"}]})");
}

TEST(ColumnMapping, FollowsTheFile) {
  EXPECT_EQ(mapped({"Kennung", "Abteilung", "x"}, {"jo", "Tools", "y"},
                   R"({"columns": {"Kennung": "userName", "Abteilung": "title"},
                       "constants": {"active": true, "userType": "Employee"}, "ignore": ["x"]})"),
            R"({"active":true,"userType":"Employee","userName":"jo","title":"Tools"})");
  EXPECT_EQ(mapped({"userName", "x", "y"}, {"jo", "1", "2"},
                   R"({"columns": {"x": "userName"}, "ignore": ["*"]})"),
            R"({"userName":"1"})");
}

TEST(ColumnMapping, RefusesWhatHasNoPlace) {
  struct Refused {
    std::vector<std::string> header;
    std::string file;
    std::string says;
  };
  for (const auto& [header, file, says] : {
           Refused{{"nonsense"}, "{}", "column \"nonsense\" has no place"},
           Refused{{"userName", "login"}, "{}", "column \"login\" is the second for userName"},
           Refused{{"name.nothing"}, "{}", "has no place"},
           Refused{{"emails[type ne \"work\"].value"}, "{}", "`eq` alone"},
           Refused{{"members"}, "{}", "has no place"},
           Refused{{"userName"}, R"({"columns": {"x": "title"}})", "is not in the header"},
           Refused{{"userName"}, R"({"column": {}})", "/column is none of"},
           Refused{{"userName"}, R"({"separator": ""})", "/separator"},
           Refused{{"userName"}, R"({"columns": {"userName": 1}})", "/columns/userName"},
           Refused{{"userName"}, "[]", "not a JSON object"},
           Refused{{"userName"}, R"({"constants": {"meta.version": "1"}})", "is readOnly"},
       }) {
    const auto mapping = bind(header, file);
    ASSERT_FALSE(mapping) << file;
    EXPECT_NE(mapping.error().detail.find(says), std::string::npos) << mapping.error().detail;
  }
  EXPECT_EQ(mapped({"userName", "title"}, {"jo"}), "the row has 1 fields, the header 2");
}

TEST(ColumnMapping, ReadsBackTheColumnsOfAnExport) {
  const auto user = parsed(R"({"userName": "jo", "active": false, "name": {"familyName": "Doe"},
      "emails": [{"value": "h@x.org", "type": "home"}, {"value": "w@x.org", "type": "Work"}]})");
  std::vector<std::string> header;
  std::vector<std::string> row;
  for (const auto& path : usualColumns(userType())) {
    const auto column = ColumnTarget::bind(*schemas().registry, userType(), path);
    ASSERT_TRUE(column) << path << column.error().detail;
    header.push_back(column->text());
    row.push_back(column->read(*user.object(), ";"));
  }
  EXPECT_EQ(mapped(header, row),
            R"({"userName":"jo","active":false,"name":{"familyName":"Doe"},)"
            R"("emails":[{"type":"work","value":"w@x.org"},{"type":"home","value":"h@x.org"}]})");
}

}  // namespace
}  // namespace vestibule::scim
