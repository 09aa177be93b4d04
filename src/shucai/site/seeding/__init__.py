"""参考数据 reference data of the project's own, from `seeds/`, into master data by year."""
