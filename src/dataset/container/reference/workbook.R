# Makes workbook.xlsx: a title, an empty row, a table with two symbols turned into dates, and a sheet about the samples.
# openxlsx 4.2; run in this folder.
library(openxlsx)
book <- createWorkbook()
addWorksheet(book, "Read me")
writeData(book, "Read me", "Supplementary table 1", colNames = FALSE)
addWorksheet(book, "Samples")
writeData(book, "Samples", data.frame(
  run = c("run_1", "run_2", "run_3", "run_4"),
  condition = c("ctrl", "ctrl", "drug", "drug"),
  date = as.Date(c("2024-03-01", "2024-03-02", "2024-03-01", "2024-03-02"))
))
addWorksheet(book, "Proteins")
writeData(book, "Proteins", "Supplementary table 1: protein intensities", startRow = 1, colNames = FALSE)
mergeCells(book, "Proteins", cols = 1:6, rows = 1)
proteins <- data.frame(
  Protein = c("P04637", "P55072", "Q96S94", "P60709", "P07911", "P05231", "O00533", "P12931", "P68871", "Q15019"),
  Gene = c("TP53", "VCP", "CCNL2", "ACTB", "UMOD", "IL6", "CHL1", "SRC", "HBB", NA),
  run_1 = c(1.1e6, 3.1e7, 5e4, 9e7, 2e5, 1e5, 3e5, 4e5, 7e8, 6e5),
  run_2 = c(1.2e6, 3.3e7, NA, 9e7, 2e5, 1e5, 3e5, 4e5, 7e8, 6e5),
  run_3 = c(2.4e6, 1.2e7, 5e4, 9e7, 2e5, 1e5, 3e5, 4e5, 7e8, 6e5),
  run_4 = c(2.6e6, 1.1e7, 5e4, 9e7, 2e5, 1e5, 3e5, 4e5, 7e8, 6e5)
)
writeData(book, "Proteins", proteins, startRow = 3)
writeData(book, "Proteins", as.Date("2024-09-02"), startRow = 13, startCol = 2, colNames = FALSE)
saveWorkbook(book, "workbook.xlsx", overwrite = TRUE)
