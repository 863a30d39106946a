#include <gmock/gmock.h>

#include <pgreactor/memory_tables.hpp>

namespace pgreactor {
namespace {

using testing::ElementsAre;

TEST(MemoryTables, ATableReadsAsItsDeclaration) {
  MemoryTables tables;
  const Table& users = tables.table("public", "users")
                           .column("id", "bigserial")
                           .primary_key()
                           .column("email", "VARCHAR(200)")
                           .not_null()
                           .unique()
                           .column("balance", "numeric(10, 2)")
                           .default_value(0)
                           .column("tags", "text[]")
                           .table();

  EXPECT_EQ(users.columns[0].type, oid::int8);
  EXPECT_TRUE(users.columns[0].not_null && users.columns[0].has_default);
  EXPECT_EQ(users.columns[1].type_name, "character varying(200)");
  EXPECT_EQ(users.columns[1].type_modifier, 204);
  EXPECT_EQ(users.columns[2].type_name, "numeric(10,2)");
  EXPECT_EQ(users.columns[2].type_modifier, (10 << 16 | 2) + 4);
  EXPECT_EQ(users.columns[3].type, oid::text_array);
  EXPECT_EQ(users.columns[3].type_category, 'A');
  EXPECT_EQ(users.keys[0].name, "users_pkey");
  EXPECT_EQ(users.keys[1].name, "users_email_key");
}

TEST(MemoryTables, ThePrimaryKeyComesFirstAndIsNotNull) {
  MemoryTables tables;
  const Table& table = tables.table("public", "t")
                           .column("a", "int")
                           .unique()
                           .column("b", "uuid")
                           .primary_key({"a", "b"})
                           .table();

  ASSERT_NE(table.primary_key(), nullptr);
  EXPECT_EQ(table.primary_key(), &table.keys[0]);
  EXPECT_THAT(table.keys[0].columns, ElementsAre(0, 1));
  EXPECT_TRUE(table.columns[0].not_null && table.columns[1].not_null);
}

TEST(MemoryTables, AForeignKeyHasTheNameTheServerWouldGive) {
  MemoryTables tables;
  const Table& posts =
      tables.table("public", "posts")
          .column("user_id", "int")
          .references(QualifiedName("public", "users"), "id", ForeignKey::Action::cascade)
          .table();

  EXPECT_EQ(posts.foreign_keys[0].name, "posts_user_id_fkey");
  EXPECT_EQ(posts.foreign_keys[0].on_delete, ForeignKey::Action::cascade);
  EXPECT_EQ(posts.foreign_keys[0].on_update, ForeignKey::Action::no_action);
}

TEST(MemoryTables, WhatIsNoDeclarationIsRefused) {
  MemoryTables tables;
  MemoryTable& table = tables.table("public", "t");

  EXPECT_THROW(table.not_null(), SchemaError);
  EXPECT_THROW(table.column("a", "tsvector"), SchemaError);
  EXPECT_THROW(table.column("a", "numeric(10,2,3)"), SchemaError);
  EXPECT_THROW(table.column("a", "varchar(0)"), SchemaError);
  EXPECT_THROW(table.column("a", "int(4)"), SchemaError);
  table.column("a", "int").primary_key();
  EXPECT_THROW(table.column("a", "int"), SchemaError);
  EXPECT_THROW(table.primary_key({"a"}), SchemaError);
  EXPECT_THROW(table.unique({"b"}), SchemaError);
  EXPECT_THROW(table.check("positive", nullptr), SchemaError);
  EXPECT_THROW(tables.table("public", "t"), SchemaError);
}

TEST(MemoryTables, CharacterAloneIsOneCharacterLong) {
  MemoryTables tables;
  EXPECT_EQ(tables.table("public", "t").column("c", "char").table().columns[0].type_name,
            "character(1)");
}

}  // namespace
}  // namespace pgreactor
