DROP TABLE rentals.item_photos;
