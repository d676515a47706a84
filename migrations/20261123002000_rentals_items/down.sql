DROP VIEW rentals.item_category_tree;
DROP TABLE rentals.items;
DROP TABLE rentals.item_categories;
DROP SEQUENCE rentals.product_ids;
