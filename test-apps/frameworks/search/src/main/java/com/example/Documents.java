// SPDX-License-Identifier: Apache-2.0
package com.example;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;

/** Numbers with their remainders by 2 to 9 as words; indexed once, then open for search. */
final class Documents {
    private static final int COUNT = 20_000;

    private final Directory directory;
    private final IndexSearcher searcher;

    Documents(Path folder) throws IOException {
        directory = FSDirectory.open(folder);
        if (!DirectoryReader.indexExists(directory)) {
            write();
        }
        searcher = new IndexSearcher(DirectoryReader.open(directory));
    }

    private void write() throws IOException {
        try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig(new StandardAnalyzer()))) {
            for (int i = 0; i < COUNT; i++) {
                Document document = new Document();
                document.add(new TextField("text", i + " is " + words(i), Field.Store.YES));
                writer.addDocument(document);
            }
        }
    }

    private static String words(int number) {
        StringBuilder text = new StringBuilder();
        for (int divisor = 2; divisor < 10; divisor++) {
            text.append(number % divisor).append("of").append(divisor).append(' ');
        }
        return text.toString();
    }

    /** How many have all the words, and the text of the first. */
    String search(String words) throws IOException {
        BooleanQuery.Builder query = new BooleanQuery.Builder();
        for (String word : words.split("\\+")) {
            query.add(new TermQuery(new Term("text", word)), Occur.FILTER);
        }
        TopDocs found = searcher.search(query.build(), COUNT);
        String first = searcher.storedFields().document(found.scoreDocs[0].doc).get("text");
        return found.scoreDocs.length + " from " + first.strip() + " in " + directory.getClass().getSimpleName();
    }
}
